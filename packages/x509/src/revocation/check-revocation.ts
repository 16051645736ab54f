import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { fail, ok, type Result } from '../result.ts'
import type { AnchorSet } from '../path/anchor-set.ts'
import { type CertificationAuthority, certificationAuthority } from '../path/certification-authority.ts'
import { type SearchBudget, searchBudget } from '../path/search-budget.ts'
import type { ValidatedPath } from '../path/validate-path.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import { checkCrls, type CrlRules } from './check-crls.ts'
import { checkOcspResponse } from './check-ocsp-response.ts'
import type { SignerContext, TrustedSigner } from './crl-signer.ts'
import type { OcspResponse } from './parse-ocsp-response.ts'
import { type RevocationFailure, type RevocationProblem, revocationReason } from './revocation-failure.ts'

/** What is at hand to tell whether certificates are revoked. Nothing is fetched here. */
export interface RevocationEvidence {
  readonly crls?: readonly CertificateRevocationList[]
  readonly ocspResponses?: readonly OcspResponse[]
  /** Certificates among which signers of CRLs may be found. */
  readonly certificates?: readonly Certificate[]
}

export interface RevocationOptions {
  /** Epoch seconds. */
  readonly now: number
  /** `off` asks nothing, `soft` accepts what nobody knows about, `hard` refuses it. */
  readonly mode: 'off' | 'soft' | 'hard'
  /** Seconds past nextUpdate in which the last answer still counts; 0 unless said. */
  readonly grace?: number
  /** Certificates that live shorter than this many seconds are not asked about; 0 unless said. */
  readonly skipIfLifetimeBelow?: number
  /** Seconds past thisUpdate in which an OCSP response without nextUpdate counts; one day unless said. */
  readonly maximumOcspAge?: number
  readonly elapsed?: () => number
}

/** What is known of a path that revocation did not end. */
export interface RevocationStatus {
  /** Epoch seconds: the earliest end of the answers that were used. */
  readonly validUntil: number
  /** By index in the path, the leaf being 0. */
  readonly certificates: readonly CertificateStatus[]
}

export type CertificateStatus =
  | { readonly status: 'good'; readonly source: 'crl' | 'ocsp'; readonly origin?: string }
  | { readonly status: 'skipped'; readonly because: 'off' | 'no_revocation_available' | 'short_lived' }
  | { readonly status: 'unknown'; readonly problems: readonly RevocationProblem[] }

/**
 * Decides whether any certificate of a validated path, below its anchor, is revoked.
 *
 * RFC 5280 §6.3, RFC 6960, RFC 9608 §4. An answer `revoked` counts from whichever source it comes.
 */
export function checkRevocation(
  path: ValidatedPath,
  evidence: RevocationEvidence,
  anchors: AnchorSet,
  options: RevocationOptions,
): Result<RevocationStatus, RevocationFailure> {
  const check = revocationCheck(path, evidence, anchors, options)
  const certificates: CertificateStatus[] = []
  let validUntil = Number.MAX_SAFE_INTEGER
  for (const [index, certificate] of path.certificates.entries()) {
    const skipped = skip(certificate, options)
    if (skipped !== undefined) {
      certificates.push(skipped)
      continue
    }
    const answer = statusOf(certificate, path.authorities[index]!, check, 0)
    if (answer.status === 'revoked') {
      const { revokedAt, reasonCode, source, origin } = answer
      return fail({
        reason: 'certificate_revoked',
        index,
        revokedAt,
        revocationReason: revocationReason(reasonCode),
        source,
        ...(origin === undefined ? undefined : { origin }),
      })
    }
    if (answer.status === 'unknown') {
      if (options.mode === 'hard') return fail({ reason: 'revocation_unknown', index, problems: answer.problems })
      certificates.push(answer)
      continue
    }
    validUntil = Math.min(validUntil, answer.validUntil)
    const { source, origin } = answer
    certificates.push({ status: 'good', source, ...(origin === undefined ? undefined : { origin }) })
  }
  return ok({ validUntil, certificates })
}

interface Check {
  readonly evidence: RevocationEvidence
  readonly context: SignerContext
  readonly options: RevocationOptions
  readonly anchors: AnchorSet
  readonly budget: SearchBudget
  /** Signers outside the path whose own status is being asked for: a list that one of them signed may answer. */
  readonly asking: readonly Certificate[]
}

type Answer =
  | {
      readonly status: 'good'
      readonly validUntil: number
      readonly source: 'crl' | 'ocsp'
      readonly origin: string | undefined
    }
  | {
      readonly status: 'revoked'
      readonly revokedAt: number
      readonly reasonCode: number
      readonly source: 'crl' | 'ocsp'
      readonly origin: string | undefined
    }
  | { readonly status: 'unknown'; readonly problems: readonly RevocationProblem[] }

function revocationCheck(
  path: ValidatedPath,
  evidence: RevocationEvidence,
  anchors: AnchorSet,
  options: RevocationOptions,
): Check {
  const budget = searchBudget(options.elapsed)
  const anchor = path.authorities.at(-1)!
  const pool = (evidence.certificates ?? []).map((certificate) => certificationAuthority(certificate, 'presented'))
  const sameAnchor: AnchorSet = {
    ...anchors,
    anchors: [anchor],
    anchorsByName: new Map([[anchor.certificate.subject.canonical, [anchor]]]),
  }
  const context = { authorities: path.authorities, pool, anchors: sameAnchor, now: options.now, budget }
  return { evidence, context, options, anchors, budget, asking: [] }
}

function skip(certificate: Certificate, options: RevocationOptions): CertificateStatus | undefined {
  if (options.mode === 'off') return { status: 'skipped', because: 'off' }
  if (certificate.noRevocationAvailable === true) return { status: 'skipped', because: 'no_revocation_available' }
  const isShortLived = certificate.notAfter - certificate.notBefore < (options.skipIfLifetimeBelow ?? 0)
  return isShortLived ? { status: 'skipped', because: 'short_lived' } : undefined
}

/** `depth` counts signers whose own certificates are asked about in turn. */
function statusOf(certificate: Certificate, issuer: CertificationAuthority, check: Check, depth: number): Answer {
  const { evidence, context, options, anchors } = check
  const problems = new Set<RevocationProblem>()
  let good: Extract<Answer, { status: 'good' }> | undefined
  const crls = evidence.crls ?? []
  if (crls.length > 0) {
    const rules: CrlRules = {
      profile: anchors.settings.profile,
      grace: options.grace ?? 0,
      signerStatus: (signer) => signerProblem(signer, check, depth),
    }
    const verdict = checkCrls(certificate, crls, context, rules)
    if (verdict.status === 'revoked')
      return { ...verdict.entry, status: 'revoked', source: 'crl', origin: verdict.origin }
    if (verdict.status === 'good') good = { ...verdict, source: 'crl' }
    else for (const problem of verdict.problems) problems.add(problem)
  }
  for (const response of evidence.ocspResponses ?? []) {
    const verdict = checkOcspResponse(response, certificate, issuer, {
      now: options.now,
      keys: anchors.settings.keys,
      budget: check.budget,
      grace: options.grace ?? 0,
      maximumAge: options.maximumOcspAge ?? DEFAULT_OCSP_AGE,
      isResponderRevoked: (responder) =>
        depth < MAXIMUM_DEPTH &&
        statusOf(responder, issuer, { ...check, evidence: withoutOcsp(evidence) }, depth + 1).status === 'revoked',
    })
    if (verdict.status === 'revoked') return { ...verdict, source: 'ocsp', origin: response.origin }
    if (verdict.status === 'unknown') problems.add(verdict.problem)
    else if (good === undefined || verdict.validUntil > good.validUntil)
      good = { ...verdict, source: 'ocsp', origin: response.origin }
  }
  if (good !== undefined) return good
  return { status: 'unknown', problems: problems.size === 0 ? ['no_information'] : [...problems] }
}

/**
 * A signer outside the path: none of the certificates up to the anchor may be revoked, nor be unknown where that matters.
 *
 * An indirect CRL may cover its own signer: then it is believed about it.
 */
function signerProblem(signer: TrustedSigner, check: Check, depth: number): RevocationProblem | undefined {
  if (check.asking.some(({ der }) => sameOctets(der, signer.certificate.der))) return undefined
  if (depth >= MAXIMUM_DEPTH) return 'crl_signer_not_trusted'
  const { context } = check
  const chain = [signer.certificate, ...signer.path.map(({ certificate }) => certificate)]
  for (const [index, certificate] of chain.entries()) {
    const issuer = signer.path[index] ?? context.authorities.at(-1)!
    const isOfPath = context.authorities.some((known) => sameOctets(known.certificate.der, certificate.der))
    if (isOfPath || skip(certificate, check.options) !== undefined) continue
    const { status } = statusOf(
      certificate,
      issuer,
      { ...check, asking: [...check.asking, signer.certificate] },
      depth + 1,
    )
    if (status === 'revoked' || (status === 'unknown' && check.options.mode === 'hard')) return 'crl_signer_not_trusted'
  }
  return undefined
}

function withoutOcsp({ crls = [], certificates = [] }: RevocationEvidence): RevocationEvidence {
  return { crls, certificates }
}

/** A CRL of a CRL signer's CRL signer: no public key infrastructure goes further. */
const MAXIMUM_DEPTH = 3
const DEFAULT_OCSP_AGE = 86_400
