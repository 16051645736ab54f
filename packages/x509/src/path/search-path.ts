import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import { fail, ok, type Result } from '../result.ts'
import type { AnchorSet } from './anchor-set.ts'
import { isSelfIssued } from './certificate-profile.ts'
import type { CertificationAuthority } from './certification-authority.ts'
import { moreTelling, type PathFailure } from './path-failure.ts'
import {
  advanceToAuthority,
  advanceToLeaf,
  anchorState,
  dates,
  type Judgement,
  mayIssue,
  type PathState,
} from './path-state.ts'
import { type CandidateOutcome, type PathTrace, traceNode } from './path-trace.ts'
import { spend } from './search-budget.ts'
import { type SignatureVerdict, verifySignature } from './verify-signature.ts'

/** What a search found: the state above the leaf, whose authorities are the path, and the policies it is good for. */
export interface FoundPath {
  readonly state: PathState
  readonly policies: readonly string[] | 'any'
}

/**
 * Looks for a good path from the leaf to an anchor, depth first, going back whenever a rule ends a path.
 *
 * Issuers are found by name, filtered and ordered by key identifiers; signatures are checked from the anchor downwards, so
 * that a key is used only after a trusted key has signed it, and each pair once. RFC 4158 §2, §3; RFC 5280 §6.1.
 */
export function searchPath(
  leaf: Certificate,
  pool: readonly CertificationAuthority[],
  anchors: AnchorSet,
  judgement: Judgement,
  trace?: PathTrace,
): Result<FoundPath, PathFailure> {
  const search: Search = { leaf, pool, anchors, judgement, verdicts: new Map(), failure: undefined }
  const found = climb(search, leaf, [], 0, trace)
  const exceeded = judgement.budget.exceeded
  if (found !== undefined) return ok(found)
  if (exceeded !== undefined) return fail({ reason: 'budget_exceeded', budget: exceeded })
  return fail(search.failure ?? { reason: 'issuer_unknown', index: 0, issuer: formatDistinguishedName(leaf.issuer) })
}

interface Search {
  readonly leaf: Certificate
  readonly pool: readonly CertificationAuthority[]
  readonly anchors: AnchorSet
  readonly judgement: Judgement
  readonly verdicts: Map<Certificate, Map<CertificationAuthority, SignatureVerdict>>
  failure: PathFailure | undefined
}

/** Tries every issuer of `child`; `below` holds the CAs between it and the leaf, the leaf's issuer first. */
function climb(
  search: Search,
  child: Certificate,
  below: readonly CertificationAuthority[],
  intermediates: number,
  trace: PathTrace | undefined,
): FoundPath | undefined {
  const { anchors, judgement } = search
  const index = below.length
  let issuers = 0
  for (const candidate of candidates(search, child)) {
    if (judgement.budget.exceeded !== undefined || !spend(judgement.budget, 'looks')) return undefined
    issuers++
    const step = trace === undefined ? undefined : traceNode(candidate.certificate, candidate.source)
    if (step !== undefined) trace!.tried.push(step)
    const outcome = unfit(search, child, candidate, below)
    if (outcome !== undefined) {
      if (outcome.reason !== 'key_identifier_differs' && outcome.reason !== 'already_in_path')
        note(search, outcome as PathFailure)
      if (step !== undefined) step.outcome = outcome
      continue
    }
    if (candidate.source === 'anchor') {
      const judged = judgePath(search, [...below, candidate])
      if (judged.ok) {
        if (step !== undefined) step.outcome = ACCEPTED
        if (trace !== undefined) trace.outcome = ACCEPTED
        return judged.value
      }
      note(search, judged.failure)
      if (step !== undefined) step.outcome = judged.failure
      continue
    }
    const depth = intermediates + (isSelfIssued(candidate.certificate) ? 0 : 1)
    const maximum = anchors.settings.maximumIntermediates
    if (depth > maximum || index >= MAXIMUM_DEPTH) {
      const failure: PathFailure = { reason: 'path_too_long', index: index + 1, maximum }
      note(search, failure)
      if (step !== undefined) step.outcome = failure
      continue
    }
    const found = climb(search, candidate.certificate, [...below, candidate], depth, step)
    if (found !== undefined) {
      if (trace !== undefined) trace.outcome = ACCEPTED
      return found
    }
  }
  if (issuers === 0) {
    const failure: PathFailure = { reason: 'issuer_unknown', index, issuer: formatDistinguishedName(child.issuer) }
    note(search, failure)
    if (trace !== undefined) trace.outcome = failure
  }
  return undefined
}

/** Certificates whose subject is the issuer of `child`: anchors first, and among equals those whose key identifier fits. */
function* candidates(search: Search, child: Certificate): Generator<CertificationAuthority> {
  const name = child.issuer.canonical
  if (name === '') return
  const anchors = search.anchors.anchorsByName.get(name) ?? []
  const configured = search.anchors.intermediatesByName.get(name) ?? []
  const wanted = child.authorityKeyIdentifier?.keyIdentifier
  const fits = ({ certificate }: CertificationAuthority): boolean =>
    wanted === undefined ||
    (certificate.subjectKeyIdentifier !== undefined && sameOctets(wanted, certificate.subjectKeyIdentifier))
  for (const first of [true, false]) {
    if (!first && wanted === undefined) return
    for (const anchor of anchors) if (fits(anchor) === first) yield anchor
    for (const authority of configured) if (fits(authority) === first) yield authority
    for (const authority of search.pool) {
      if (authority.certificate.subject.canonical === name && fits(authority) === first) yield authority
    }
  }
}

/** What rules a candidate out before any signature is checked. */
function unfit(
  search: Search,
  child: Certificate,
  candidate: CertificationAuthority,
  below: readonly CertificationAuthority[],
): PathFailure | CandidateOutcome | undefined {
  const { certificate } = candidate
  const wanted = child.authorityKeyIdentifier?.keyIdentifier
  const present = certificate.subjectKeyIdentifier
  if (wanted !== undefined && present !== undefined && !sameOctets(wanted, present)) return KEY_IDENTIFIER_DIFFERS
  if (below.some((known) => isSameEntity(known.certificate, certificate)) || isSameEntity(search.leaf, certificate)) {
    return ALREADY_IN_PATH
  }
  const index = below.length + 1
  if (candidate.source === 'anchor') return undefined
  const verdict = search.verdicts.get(child)?.get(candidate)
  if (verdict !== undefined && verdict !== 'good') return verdictFailure(verdict, child, candidate, below.length)
  return mayIssue(certificate, index) ?? dates(certificate, index, search.judgement.now)
}

/** The loop rule of RFC 4158 §2.4.2: subject, key and subject alternative names all the same. */
function isSameEntity(one: Certificate, other: Certificate): boolean {
  if (one === other) return true
  if (one.subject.canonical !== other.subject.canonical || !sameOctets(one.publicKey.spki, other.publicKey.spki))
    return false
  const [names, otherNames] = [one, other].map(
    ({ extensions }) => extensions.find(({ oid }) => oid === SUBJECT_ALT_NAME)?.value,
  )
  return names === otherNames || (names !== undefined && otherNames !== undefined && sameOctets(names, otherNames))
}

/** Judges a whole path from its anchor, the last of `authorities`, downwards. */
function judgePath(search: Search, authorities: readonly CertificationAuthority[]): Result<FoundPath, PathFailure> {
  const { leaf, judgement } = search
  for (let index = authorities.length - 1; index >= 0; index--) {
    const child = index === 0 ? leaf : authorities[index - 1]!.certificate
    const failure = checkSignature(search, child, authorities[index]!, index)
    if (failure !== undefined) return fail(failure)
  }
  let state = anchorState(authorities.at(-1)!, authorities.length, judgement)
  for (let index = authorities.length - 2; index >= 0 && state.ok; index--) {
    state = advanceToAuthority(state.value, authorities[index]!, index + 1, judgement)
  }
  if (!state.ok) return state
  const policies = advanceToLeaf(state.value, leaf, judgement)
  return policies.ok ? ok({ state: state.value, policies: policies.value }) : policies
}

function checkSignature(
  search: Search,
  child: Certificate,
  issuer: CertificationAuthority,
  index: number,
): PathFailure | undefined {
  const { budget, settings } = search.judgement
  const algorithm = child.signatureAlgorithm.name
  if (!settings.keys.signatureAlgorithms.includes(algorithm)) {
    return { reason: 'signature_algorithm_not_allowed', index, algorithm }
  }
  let known = search.verdicts.get(child)
  if (known === undefined) search.verdicts.set(child, (known = new Map<CertificationAuthority, SignatureVerdict>()))
  let verdict = known.get(issuer)
  if (verdict === undefined) known.set(issuer, (verdict = verifySignature(child, issuer, budget)))
  return verdict === 'good' ? undefined : verdictFailure(verdict, child, issuer, index)
}

function verdictFailure(
  verdict: Exclude<SignatureVerdict, 'good'>,
  child: Certificate,
  issuer: CertificationAuthority,
  index: number,
): PathFailure {
  const key = issuer.certificate.publicKey.algorithm
  switch (verdict) {
    case 'bad':
      return { reason: 'signature_invalid', index, issuer: formatDistinguishedName(child.issuer) }
    case 'algorithm_mismatch':
      return { reason: 'signature_algorithm_mismatch', index, algorithm: child.signatureAlgorithm.name, key }
    case 'key_unusable':
      return { reason: 'key_not_allowed', index: index + 1, algorithm: key, rule: 'unusable' }
    case 'budget_exceeded':
      return { reason: 'budget_exceeded', budget: 'signatures' }
  }
}

function note(search: Search, failure: PathFailure): void {
  search.failure = moreTelling(search.failure, failure)
}

const ACCEPTED: CandidateOutcome = { reason: 'accepted' }
const KEY_IDENTIFIER_DIFFERS: CandidateOutcome = { reason: 'key_identifier_differs' }
const ALREADY_IN_PATH: CandidateOutcome = { reason: 'already_in_path' }
const SUBJECT_ALT_NAME = '2.5.29.17'

/** Certificates between leaf and anchor, self-issued ones included. */
const MAXIMUM_DEPTH = 12
