import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import type { AnchorSet } from './anchor-set.ts'
import { type CertificationAuthority, certificationAuthority } from './certification-authority.ts'
import { advanceToLeaf, type Judgement, type PathState } from './path-state.ts'
import type { FoundPath } from './search-path.ts'
import { verifySignature } from './verify-signature.ts'

/** What validations against one set of anchors have proven, kept for the next one. Every date is checked anew at each use. */
export interface PathCache {
  /** The set that the proofs hold for: with any other the cache is passed over. */
  readonly anchors: AnchorSet
  /** The path over an issuer whose own path was verified before; undefined when there is none, or when it does not serve this leaf. */
  issuedByKnown(leaf: Certificate, judgement: Judgement): FoundPath | undefined
  /** Intermediates that clients presented and that stood in a good path. */
  learned(): readonly CertificationAuthority[]
  /** Keeps the CAs of a good path. */
  remember(state: PathState): void
  /** Forgets everything: a CA was revoked, or the set has changed. */
  clear(): void
}

/** A cache for one set of anchors: when the set is replaced, the cache is, too. */
export function createPathCache(anchors: AnchorSet): PathCache {
  const verified = new Map<string, PathState[]>()
  let learned: readonly CertificationAuthority[] = []
  let learnedOctets = 0
  let count = 0

  /** The oldest make room: whoever fills the memory must keep filling it, and what is pushed out is learned again. */
  const learn = (certificate: Certificate): void => {
    if (certificate.der.length > MAXIMUM_LEARNED_OCTETS) return
    const kept = [...learned, certificationAuthority(certificate, 'learned')]
    learnedOctets += certificate.der.length
    while (kept.length > MAXIMUM_LEARNED || learnedOctets > MAXIMUM_LEARNED_OCTETS) {
      learnedOctets -= kept.shift()!.certificate.der.length
    }
    learned = kept
  }

  const issuedByKnown = (leaf: Certificate, judgement: Judgement): FoundPath | undefined => {
    const { now, settings, budget } = judgement
    if (!settings.keys.signatureAlgorithms.includes(leaf.signatureAlgorithm.name)) return undefined
    const wanted = leaf.authorityKeyIdentifier?.keyIdentifier
    for (const state of verified.get(leaf.issuer.canonical) ?? []) {
      if (now < state.validFrom || now > state.validUntil) continue
      const issuer = state.authorities.at(-1)!
      const present = issuer.certificate.subjectKeyIdentifier
      if (wanted !== undefined && present !== undefined && !sameOctets(wanted, present)) continue
      if (sameOctets(issuer.certificate.publicKey.spki, leaf.publicKey.spki)) continue
      if (verifySignature(leaf, issuer, budget) !== 'good') continue
      const policies = advanceToLeaf(state, leaf, judgement)
      if (policies.ok) return { state, policies: policies.value }
    }
    return undefined
  }

  const remember = (state: PathState): void => {
    for (const { certificate, source } of state.authorities) {
      if (source !== 'presented') continue
      if (!learned.some((known) => sameOctets(known.certificate.der, certificate.der))) learn(certificate)
    }
    const issuer = state.authorities.at(-1)!.certificate
    const states = verified.get(issuer.subject.canonical) ?? []
    const known = states.findIndex((one) => sameOctets(one.authorities.at(-1)!.certificate.der, issuer.der))
    if (known !== -1) {
      states[known] = state
      return
    }
    if (count >= MAXIMUM_VERIFIED) forgetOldest()
    verified.set(issuer.subject.canonical, [...(verified.get(issuer.subject.canonical) ?? []), state])
    count++
  }

  const forgetOldest = (): void => {
    const [name, states = []] = verified.entries().next().value ?? []
    if (name !== undefined) verified.delete(name)
    count -= states.length
  }

  const clear = (): void => {
    verified.clear()
    learned = []
    learnedOctets = 0
    count = 0
  }

  return { anchors, issuedByKnown, learned: () => learned, remember, clear }
}

/** Federations have tens of issuing CAs. */
const MAXIMUM_LEARNED = 256
/** A kilobyte or two each; a CA may make its own as large as a client may present. */
const MAXIMUM_LEARNED_OCTETS = 1_048_576
const MAXIMUM_VERIFIED = 512
