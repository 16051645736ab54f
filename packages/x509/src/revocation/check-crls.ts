import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { ALL_REASONS, crlDistributionPoints, type DistributionPoint } from '../extension/crl-distribution-points.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import { coveredReasons, impliedPoint, isInScope } from './crl-scope.ts'
import { crlSigner, type SignerContext, type TrustedSigner } from './crl-signer.ts'
import type { RevocationProblem } from './revocation-failure.ts'
import { findRevoked, type RevokedEntry } from './revoked-serial-index.ts'

/** What the CRLs at hand say about one certificate. */
export type CrlVerdict =
  | { readonly status: 'good'; readonly validUntil: number; readonly origin: string | undefined }
  | { readonly status: 'revoked'; readonly entry: RevokedEntry; readonly origin: string | undefined }
  | { readonly status: 'unknown'; readonly problems: readonly RevocationProblem[] }

export interface CrlRules {
  readonly profile: 'interop' | 'strict'
  /** Seconds past nextUpdate in which a CRL still counts. */
  readonly grace: number
  /** Whether a signer that stands outside the path is itself good; answers a problem if not. */
  readonly signerStatus: (signer: TrustedSigner) => RevocationProblem | undefined
}

/**
 * Looks a certificate up in CRLs: over its distribution points, and then over what its issuer publishes without any, until
 * every reason is covered. RFC 5280 §6.3.3.
 *
 * A list that revokes it counts even when another one has answered, unless a later list took its place.
 */
export function checkCrls(
  certificate: Certificate,
  crls: readonly CertificateRevocationList[],
  context: SignerContext,
  rules: CrlRules,
): CrlVerdict {
  const points = crlDistributionPoints(certificate)
  if (points === undefined) return { status: 'unknown', problems: ['distribution_points_malformed'] }
  const problems = new Set<RevocationProblem>()
  let covered = 0
  let validUntil = Number.MAX_SAFE_INTEGER
  let origin: string | undefined
  const consulted: CertificateRevocationList[] = []
  for (const point of [...points, impliedPoint(certificate)]) {
    for (const crl of crls) {
      if (covered === ALL_REASONS && consulted.includes(crl)) continue
      if (crl.baseCrlNumber !== undefined || !concerns(crl, point, certificate)) continue
      const answer = lookUp(certificate, point, crl, crls, context, rules)
      if (typeof answer === 'string') {
        problems.add(answer)
        continue
      }
      consulted.push(crl)
      if (answer.entry !== undefined) {
        if (isSuperseded(crl, crls, context, rules)) continue
        return { status: 'revoked', entry: answer.entry, origin: answer.origin }
      }
      if (covered === ALL_REASONS) continue
      covered |= coveredReasons(crl, point)
      validUntil = Math.min(validUntil, answer.validUntil)
      origin ??= answer.origin
    }
  }
  if (covered === ALL_REASONS) return { status: 'good', validUntil, origin }
  if (covered !== 0) problems.add('reasons_not_covered')
  return { status: 'unknown', problems: [...problems] }
}

function concerns(crl: CertificateRevocationList, point: DistributionPoint, certificate: Certificate): boolean {
  const named = point.crlIssuer?.some(
    (name) => name.kind === 'directory' && name.name.canonical === crl.issuer.canonical,
  )
  return named === true || crl.issuer.canonical === certificate.issuer.canonical
}

interface Answer {
  readonly entry: RevokedEntry | undefined
  readonly validUntil: number
  readonly origin: string | undefined
}

function lookUp(
  certificate: Certificate,
  point: DistributionPoint,
  crl: CertificateRevocationList,
  crls: readonly CertificateRevocationList[],
  context: SignerContext,
  rules: CrlRules,
): Answer | RevocationProblem {
  if (!isInScope(crl, point, certificate)) return 'crl_scope_differs'
  const flaw = usable(crl, context.now, rules) ?? trusted(crl, context, rules)
  if (flaw !== undefined) return flaw
  const delta = newestDelta(crl, crls, context, rules)
  const issuer = certificate.issuer.canonical
  const inDelta = delta === undefined ? undefined : find(delta, issuer, certificate.serialNumber)
  const entry = inDelta ?? find(crl, issuer, certificate.serialNumber)
  const revoked = entry !== undefined && entry.reasonCode !== REMOVE_FROM_CRL
  const validUntil = Math.min(crl.nextUpdate!, delta?.nextUpdate ?? crl.nextUpdate!) + rules.grace
  const { origin } = inDelta === undefined ? crl : delta!
  return { entry: revoked ? entry : undefined, validUntil, origin }
}

/** Whether a later complete list of the same scope is at hand and counts. */
function isSuperseded(
  crl: CertificateRevocationList,
  crls: readonly CertificateRevocationList[],
  context: SignerContext,
  rules: CrlRules,
): boolean {
  return crls.some(
    (later) =>
      later.baseCrlNumber === undefined &&
      later.thisUpdate > crl.thisUpdate &&
      later.issuer.canonical === crl.issuer.canonical &&
      sameScope(later, crl) &&
      usable(later, context.now, rules) === undefined &&
      trusted(later, context, rules) === undefined,
  )
}

/** In a list of one issuer the entries carry no issuer of their own. */
function find(crl: CertificateRevocationList, issuer: string, serialNumber: Uint8Array): RevokedEntry | undefined {
  return findRevoked(crl.revoked, crl.issuingDistributionPoint?.indirect === true ? issuer : undefined, serialNumber)
}

function usable(crl: CertificateRevocationList, now: number, rules: CrlRules): RevocationProblem | undefined {
  if (crl.unusable !== undefined) return 'crl_unusable'
  if (crl.crlNumber === undefined && rules.profile === 'strict') return 'crl_number_missing'
  if (crl.thisUpdate > now + SKEW) return 'crl_not_yet_valid'
  if (crl.nextUpdate === undefined) return 'crl_without_next_update'
  return crl.nextUpdate + rules.grace < now ? 'crl_expired' : undefined
}

function trusted(
  crl: CertificateRevocationList,
  context: SignerContext,
  rules: CrlRules,
): RevocationProblem | undefined {
  const signer = crlSigner(crl, context)
  if (typeof signer === 'string') return signer
  return signer.path.length === 0 && context.authorities.some(({ certificate }) => certificate === signer.certificate)
    ? undefined
    : rules.signerStatus(signer)
}

/** The delta CRL with the highest number that builds on this list or on one before it. RFC 5280 §6.3.3 (c), §5.2.4. */
function newestDelta(
  complete: CertificateRevocationList,
  crls: readonly CertificateRevocationList[],
  context: SignerContext,
  rules: CrlRules,
): CertificateRevocationList | undefined {
  const number = complete.crlNumber
  if (number === undefined) return undefined
  let newest: CertificateRevocationList | undefined
  for (const delta of crls) {
    if (delta.baseCrlNumber === undefined || delta.crlNumber === undefined) continue
    if (delta.issuer.canonical !== complete.issuer.canonical || !sameScope(delta, complete)) continue
    if (delta.baseCrlNumber > number || delta.crlNumber <= number) continue
    if (newest !== undefined && delta.crlNumber <= newest.crlNumber!) continue
    if (usable(delta, context.now, rules) !== undefined || trusted(delta, context, rules) !== undefined) continue
    newest = delta
  }
  return newest
}

function sameScope(one: CertificateRevocationList, other: CertificateRevocationList): boolean {
  const [key, otherKey] = [one, other].map(({ authorityKeyIdentifier }) => authorityKeyIdentifier?.keyIdentifier)
  if (one.issuingDistributionPoint?.identity !== other.issuingDistributionPoint?.identity) return false
  return key === otherKey || (key !== undefined && otherKey !== undefined && sameOctets(key, otherKey))
}

const REMOVE_FROM_CRL = 8

/** Seconds that the clock of a CA may be ahead: a list that is newer than now must not be worth less than the one before. */
const SKEW = 300
