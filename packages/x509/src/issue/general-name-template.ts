import {
  type Der,
  ascii,
  derContextConstructed,
  derContextPrimitive,
  derObjectIdentifier,
  objectIdentifierContents,
} from './der.ts'
import { type NameTemplate, encodeName } from './name-template.ts'

/** A GeneralName to be written. `ip` is 4 or 16 octets (8 or 32 in name constraints); `other` holds the value's DER; `x400`, `edi` and `raw` the whole element. A parsed `GeneralName` is one. */
export type GeneralNameTemplate =
  | { readonly kind: 'other'; readonly oid: string; readonly value: Uint8Array }
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'directory'; readonly name: NameTemplate }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  | { readonly kind: 'registered'; readonly oid: string }
  | { readonly kind: 'x400' | 'edi' | 'raw'; readonly der: Uint8Array }

/** Writes a GeneralName (RFC 5280 §4.2.1.6). Throws `RangeError` for text outside IA5String. */
export function encodeGeneralName(name: GeneralNameTemplate): Der {
  switch (name.kind) {
    case 'other':
      return derContextConstructed(0, derObjectIdentifier(name.oid), derContextConstructed(0, name.value))
    case 'email':
      return derContextPrimitive(1, ascii(name.email))
    case 'dns':
      return derContextPrimitive(2, ascii(name.name))
    case 'directory':
      return derContextConstructed(4, encodeName(name.name))
    case 'uri':
      return derContextPrimitive(6, ascii(name.uri))
    case 'ip':
      return derContextPrimitive(7, name.address)
    case 'registered':
      return derContextPrimitive(8, objectIdentifierContents(name.oid))
    case 'x400':
    case 'edi':
    case 'raw':
      return name.der
  }
}
