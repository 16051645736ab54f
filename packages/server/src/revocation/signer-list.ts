import type { AnchorSet, Certificate } from '@holdfast/x509'

/** The certificates that may have signed CRLs of one trust. */
export interface SignerList {
  /** DER. */
  all(): readonly Uint8Array[]
  add(authority: Certificate): void
}

/** Those of the set, and those of paths that were found good. */
export function signerList({ anchors, intermediatesByName }: AnchorSet, before?: SignerList): SignerList {
  const known = new Map<string, Uint8Array>()
  const add = (der: Uint8Array): void => {
    const key = Buffer.from(der).toString('latin1')
    if (known.size < maximumSigners && !known.has(key)) known.set(key, der.slice())
  }
  for (const { certificate } of anchors) add(certificate.der)
  for (const { certificate } of [...intermediatesByName.values()].flat()) add(certificate.der)
  for (const der of before?.all() ?? []) add(der)
  return { all: () => [...known.values()], add: ({ der }) => add(der) }
}

/** CAs of one trust. */
const maximumSigners = 256
