import { createHash } from 'node:crypto'
import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { OCSP_SIGNING } from '../extension/extended-key-usage.ts'
import { type CertificationAuthority, certificationAuthority } from '../path/certification-authority.ts'
import type { KeyRules } from '../path/key-rules.ts'
import { brokenKeyRule } from '../path/key-rules.ts'
import type { SearchBudget } from '../path/search-budget.ts'
import { verifySignature } from '../path/verify-signature.ts'
import { isOcspIdOf } from './ocsp-certificate-id.ts'
import type { OcspResponse, OcspSingleResponse } from './parse-ocsp-response.ts'
import type { RevocationProblem } from './revocation-failure.ts'

/** What one OCSP response says about one certificate. */
export type OcspVerdict =
  | { readonly status: 'good'; readonly validUntil: number }
  | { readonly status: 'revoked'; readonly revokedAt: number; readonly reasonCode: number }
  | { readonly status: 'unknown'; readonly problem: RevocationProblem }

export interface OcspRules {
  /** Epoch seconds. */
  readonly now: number
  readonly keys: KeyRules
  readonly budget: SearchBudget
  /** Seconds past nextUpdate in which a response still counts. */
  readonly grace: number
  /** Seconds past thisUpdate in which a response without nextUpdate counts. */
  readonly maximumAge: number
  /** Whether a delegated responder's certificate that does not say `nocheck` is itself revoked. */
  readonly isResponderRevoked: (responder: Certificate) => boolean
}

/**
 * Checks an OCSP response for one certificate: that it names it, that its issuer or a responder of that issuer's signed it,
 * and that it is of now. RFC 6960 §3.2, §4.2.2.
 */
export function checkOcspResponse(
  response: OcspResponse,
  certificate: Certificate,
  issuer: CertificationAuthority,
  rules: OcspRules,
): OcspVerdict {
  const about = response.responses.filter(({ id }) => isOcspIdOf(id, certificate, issuer.certificate))
  const current = about.filter((one) => timely(one, response, rules) === undefined)
  const single = decisive(current) ?? about[0]
  if (single === undefined) return { status: 'unknown', problem: 'ocsp_certificate_not_covered' }
  const problem = timely(single, response, rules) ?? signed(response, issuer, rules)
  if (problem !== undefined) return { status: 'unknown', problem }
  switch (single.status.kind) {
    case 'good':
      return { status: 'good', validUntil: (single.nextUpdate ?? single.thisUpdate + rules.maximumAge) + rules.grace }
    case 'revoked':
      return { status: 'revoked', revokedAt: single.status.revokedAt, reasonCode: single.status.reasonCode }
    case 'unknown':
      return { status: 'unknown', problem: 'ocsp_status_unknown' }
  }
}

/** Where one response says several things of one certificate, `revoked` counts, and `good` before `unknown`. */
function decisive(singles: readonly OcspSingleResponse[]): OcspSingleResponse | undefined {
  const of = (kind: OcspSingleResponse['status']['kind']): OcspSingleResponse | undefined =>
    singles.find(({ status }) => status.kind === kind)
  return of('revoked') ?? of('good') ?? of('unknown')
}

function timely(single: OcspSingleResponse, response: OcspResponse, rules: OcspRules): RevocationProblem | undefined {
  const { now, grace } = rules
  if (single.thisUpdate > now + SKEW || response.producedAt > now + SKEW) return 'ocsp_not_yet_valid'
  if (single.nextUpdate === undefined)
    return single.thisUpdate + rules.maximumAge + grace < now ? 'ocsp_too_old' : undefined
  return single.nextUpdate + Math.max(SKEW, grace) < now ? 'ocsp_expired' : undefined
}

function signed(
  response: OcspResponse,
  issuer: CertificationAuthority,
  rules: OcspRules,
): RevocationProblem | undefined {
  if (response.criticalExtensionUnknown) return 'ocsp_not_successful'
  if (!rules.keys.signatureAlgorithms.includes(response.signatureAlgorithm.name))
    return 'ocsp_signature_algorithm_not_allowed'
  let problem: RevocationProblem = 'ocsp_responder_unknown'
  const others = response.certificates.filter(({ der }) => !sameOctets(der, issuer.certificate.der))
  for (const candidate of [issuer, ...others.map((one) => certificationAuthority(one, 'presented'))]) {
    if (!isNamed(response, candidate.certificate)) continue
    if (candidate !== issuer && !isAuthorized(candidate.certificate, issuer, rules)) {
      problem = 'ocsp_responder_not_authorized'
      continue
    }
    const verdict = verifySignature(response, candidate, rules.budget)
    if (verdict === 'good') return undefined
    if (verdict === 'budget_exceeded') return 'budget_exceeded'
    problem = 'ocsp_signature_invalid'
  }
  return problem
}

function isNamed({ responder }: OcspResponse, certificate: Certificate): boolean {
  if (responder.kind === 'name') {
    return responder.name.canonical !== '' && responder.name.canonical === certificate.subject.canonical
  }
  return sameOctets(responder.keyHash, createHash('sha1').update(certificate.publicKey.keyOctets).digest())
}

/** A delegated responder: issued by the very CA it speaks for, for signing OCSP, and valid now. RFC 6960 §4.2.2.2. */
function isAuthorized(responder: Certificate, issuer: CertificationAuthority, rules: OcspRules): boolean {
  const { now, keys, budget } = rules
  if (responder.issuer.canonical !== issuer.certificate.subject.canonical) return false
  if (responder.extendedKeyUsage?.includes(OCSP_SIGNING) !== true) return false
  if (responder.keyUsage?.includes('digitalSignature') === false) return false
  if (now < responder.notBefore || now > responder.notAfter) return false
  if (brokenKeyRule(responder.publicKey, keys) !== undefined) return false
  if (!keys.signatureAlgorithms.includes(responder.signatureAlgorithm.name)) return false
  if (responder.extensions.some(({ oid, critical }) => critical && !KNOWN.has(oid))) return false
  if (verifySignature(responder, issuer, budget) !== 'good') return false
  return responder.extensions.some(({ oid }) => oid === OCSP_NOCHECK) || !rules.isResponderRevoked(responder)
}

const OCSP_NOCHECK = '1.3.6.1.5.5.7.48.1.5'

/** Extensions of a responder's certificate that may be critical. */
const KNOWN: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37', OCSP_NOCHECK])

/** Seconds that clocks may differ by. RFC 5019 §4. */
const SKEW = 300
