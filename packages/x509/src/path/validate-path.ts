import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { fail, ok, type Result } from '../result.ts'
import type { AnchorSet } from './anchor-set.ts'
import { type CertificationAuthority, certificationAuthority } from './certification-authority.ts'
import type { PathCache } from './path-cache.ts'
import type { PathFailure } from './path-failure.ts'
import type { Judgement } from './path-state.ts'
import { type PathTrace, traceNode } from './path-trace.ts'
import { searchBudget } from './search-budget.ts'
import { type FoundPath, searchPath } from './search-path.ts'

export interface PathOptions {
  /** Epoch seconds; fractions are cut off. */
  readonly now: number
  /** Milliseconds since any fixed moment: bounds the time spent on signature checks. */
  readonly elapsed?: () => number
  /** `limited` (default) for what one client sent: at most 16 certificates of 64 kB together. A `pool` may be larger. */
  readonly presented?: 'limited' | 'pool'
  /** Keeps verified issuers and learned intermediates between calls; made for this very set. */
  readonly cache?: PathCache
}

/** A path that was found good at one moment. */
export interface ValidatedPath {
  /** The leaf first; the anchor is not among them. */
  readonly certificates: readonly Certificate[]
  readonly anchor: Certificate
  /** The issuer of each certificate, with its key; the last is the anchor. */
  readonly authorities: readonly CertificationAuthority[]
  /** Name and generation of the set it was validated against. */
  readonly anchorSet: string
  readonly generation: number
  /** Epoch seconds, both ends included: the time in which every certificate of the path is valid. */
  readonly validFrom: number
  readonly validUntil: number
  /** Dotted identifiers the path is good for, none when its certificates name none; `any` when they restrict nothing. */
  readonly policies: readonly string[] | 'any'
}

/**
 * Decides whether the anchors vouch for the leaf at `now`, over intermediates of the set and those that were presented.
 *
 * RFC 5280 §6 with its errata, RFC 9618, RFC 5937. Revocation is decided apart: see check-revocation.ts.
 */
export function validatePath(
  leaf: Certificate,
  untrusted: readonly Certificate[],
  anchors: AnchorSet,
  options: PathOptions,
): Result<ValidatedPath, PathFailure> {
  return decide(leaf, untrusted, anchors, options, undefined)
}

/** The same, with the search as a tree. */
export function explainPath(
  leaf: Certificate,
  untrusted: readonly Certificate[],
  anchors: AnchorSet,
  options: Omit<PathOptions, 'cache'>,
): { readonly result: Result<ValidatedPath, PathFailure>; readonly trace: PathTrace } {
  const trace = traceNode(leaf, 'leaf')
  const result = decide(leaf, untrusted, anchors, options, trace)
  trace.outcome ??= result.ok ? { reason: 'accepted' } : result.failure
  return { result, trace }
}

function decide(
  leaf: Certificate,
  untrusted: readonly Certificate[],
  anchors: AnchorSet,
  options: PathOptions,
  trace: PathTrace | undefined,
): Result<ValidatedPath, PathFailure> {
  const refused = refusedAtOnce(leaf, untrusted, anchors, options.presented ?? 'limited')
  if (refused !== undefined) return fail(refused)
  const budget = searchBudget(options.elapsed)
  const judgement: Judgement = { now: Math.floor(options.now), settings: anchors.settings, budget }
  const cache = options.cache?.anchors === anchors ? options.cache : undefined
  const known = cache?.issuedByKnown(leaf, judgement)
  if (known !== undefined) return ok(validatedPath(leaf, known, anchors))
  const pool: CertificationAuthority[] = [...(cache?.learned() ?? [])]
  for (const certificate of untrusted) {
    if (!isAmong(certificate, pool, anchors)) pool.push(certificationAuthority(certificate, 'presented'))
  }
  const found = searchPath(leaf, pool, anchors, judgement, trace)
  if (!found.ok) return found
  cache?.remember(found.value.state)
  return ok(validatedPath(leaf, found.value, anchors))
}

function refusedAtOnce(
  leaf: Certificate,
  untrusted: readonly Certificate[],
  anchors: AnchorSet,
  presented: 'limited' | 'pool',
): PathFailure | undefined {
  const [maximum, maximumOctets] =
    presented === 'limited' ? [MAXIMUM_CHAIN, MAXIMUM_CHAIN_OCTETS] : [MAXIMUM_POOL, MAXIMUM_POOL_OCTETS]
  const count = untrusted.length + 1
  if (count > maximum) return { reason: 'chain_too_many_certificates', count, maximum }
  let octets = leaf.der.length
  for (const { der } of untrusted) octets += der.length
  if (octets > maximumOctets) return { reason: 'chain_too_large', octets, maximum: maximumOctets }
  const namesakes = anchors.anchorsByName.get(leaf.subject.canonical) ?? []
  return namesakes.some(({ certificate }) => sameOctets(certificate.der, leaf.der))
    ? { reason: 'leaf_is_anchor', index: 0 }
    : undefined
}

/** A presented certificate that the set knows already is taken from there, where its key has been imported. */
function isAmong(certificate: Certificate, pool: readonly CertificationAuthority[], anchors: AnchorSet): boolean {
  const name = certificate.subject.canonical
  const same = (known: CertificationAuthority): boolean => sameOctets(known.certificate.der, certificate.der)
  return (
    pool.some(same) ||
    (anchors.intermediatesByName.get(name)?.some(same) ?? false) ||
    (anchors.anchorsByName.get(name)?.some(same) ?? false)
  )
}

function validatedPath(leaf: Certificate, { state, policies }: FoundPath, anchors: AnchorSet): ValidatedPath {
  const authorities = state.authorities.toReversed()
  return {
    certificates: [leaf, ...authorities.slice(0, -1).map(({ certificate }) => certificate)],
    anchor: authorities.at(-1)!.certificate,
    authorities,
    anchorSet: anchors.name,
    generation: anchors.generation,
    validFrom: Math.max(state.validFrom, leaf.notBefore),
    validUntil: Math.min(state.validUntil, leaf.notAfter),
    policies,
  }
}

/** Certificates that a client may present, the leaf included. */
const MAXIMUM_CHAIN = 16
/** Octets of the same: what fits a TLS handshake in practice. */
const MAXIMUM_CHAIN_OCTETS = 65_536
/** A collection from elsewhere: the budgets of the search bound what it can cost. */
const MAXIMUM_POOL = 256
const MAXIMUM_POOL_OCTETS = 2_000_000
