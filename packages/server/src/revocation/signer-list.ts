import type { AnchorSet, Certificate } from '@holdfast/x509'

/** The certificates that may have signed CRLs of one trust: its own CAs, and those of paths that were found good. */
export interface SignerList {
  /** DER. */
  all(): readonly Uint8Array[]
  add(authority: Pick<Certificate, 'der'>): void
  addAll(anchors: AnchorSet): void
}

/** An empty list. Who stays in it after the trust has changed does no harm: whether a signer is trusted is decided at use. */
export function signerList(): SignerList {
  const known = new Map<string, Uint8Array>()
  const add = ({ der }: Pick<Certificate, 'der'>): void => {
    const key = Buffer.from(der).toString('latin1')
    known.delete(key)
    known.set(key, der.slice())
    if (known.size > maximumSigners) known.delete(known.keys().next().value ?? '')
  }
  return {
    all: () => [...known.values()],
    add,
    addAll: ({ anchors, intermediatesByName }) => {
      for (const { certificate } of [...anchors, ...[...intermediatesByName.values()].flat()]) add(certificate)
    },
  }
}

/** CAs of one trust. */
const maximumSigners = 256
