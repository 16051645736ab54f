import { attributeNamesByType, RFC_4514_TYPES } from './attribute-types.ts'
import type { AttributeTypeAndValue, DistinguishedName, RelativeDistinguishedName } from './distinguished-name.ts'

/** Writes a name as text, last RDN first, so that parsing the text yields a matching name. RFC 4514 §2. */
export function formatDistinguishedName(name: DistinguishedName): string {
  return formatRdns(name.rdns)
}

/** The same for RDNs that stand alone. */
export function formatRdns(rdns: readonly RelativeDistinguishedName[]): string {
  return rdns
    .toReversed()
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .join(',')
}

/**
 * Writes a name as RFC 4514 §2.3, §2.4 does to the letter: types beyond the nine of its table as dotted identifiers, their values
 * as `#` and the hex of their DER. The form that Open Finance Brasil registers.
 */
export function formatStrictName(name: DistinguishedName): string {
  return name.rdns
    .toReversed()
    .map((rdn) =>
      rdn
        .map((attribute) =>
          RFC_4514_TYPES.has(attribute.type) ? formatAttribute(attribute) : `${attribute.type}=#${hex(attribute.der)}`,
        )
        .join('+'),
    )
    .join(',')
}

function formatAttribute({ type, der, text }: AttributeTypeAndValue): string {
  const name = attributeNamesByType.get(type) ?? type
  return text === undefined ? `${name}=#${hex(der)}` : `${name}=${escapeValue(text)}`
}

/** RFC 4514 §2.4. Control characters are written as hex pairs, so that the text is fit for a log line. */
export function escapeValue(text: string): string {
  let escaped = ''
  let index = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    const last = index + character.length === text.length
    if (code < 0x20 || code === 0x7f) escaped += `\\${code.toString(16).padStart(2, '0').toUpperCase()}`
    else if (code >= 0x80 && code < 0xa0) escaped += `\\C2\\${code.toString(16).toUpperCase()}`
    else if (SPECIAL.includes(character)) escaped += `\\${character}`
    else if (character === '#' && index === 0) escaped += '\\#'
    else if (character === ' ' && (index === 0 || last)) escaped += '\\ '
    else escaped += character
    index += character.length
  }
  return escaped
}

function hex(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += octet.toString(16).padStart(2, '0')
  return text
}

const SPECIAL = '"+,;<>\\'
