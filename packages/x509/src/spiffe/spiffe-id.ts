import { fail, ok, type Result } from '../result.ts'

/** The name of a workload: `spiffe://trust-domain/path`. SPIFFE-ID §2. */
export interface SpiffeId {
  readonly text: string
  readonly trustDomain: string
  /** Begins with a slash; empty for the trust domain itself. */
  readonly path: string
}

export interface SpiffeIdFailure {
  readonly reason:
    'spiffe_id_too_long' | 'spiffe_scheme_missing' | 'spiffe_trust_domain_malformed' | 'spiffe_path_malformed'
  readonly text: string
}

/** Reads a SPIFFE ID: no port, user, query, fragment or percent-encoding, no empty or dot segment, no slash at the end. SPIFFE-ID §2.1–2.3. */
export function parseSpiffeId(text: string): Result<SpiffeId, SpiffeIdFailure> {
  const refuse = (reason: SpiffeIdFailure['reason']): Result<SpiffeId, SpiffeIdFailure> =>
    fail({ reason, text: text.slice(0, 256) })
  if (text.length > MAXIMUM_TEXT) return refuse('spiffe_id_too_long')
  if (!text.startsWith(SCHEME)) return refuse('spiffe_scheme_missing')
  const slash = text.indexOf('/', SCHEME.length)
  const trustDomain = text.slice(SCHEME.length, slash === -1 ? undefined : slash)
  if (!isTrustDomain(trustDomain)) return refuse('spiffe_trust_domain_malformed')
  const path = slash === -1 ? '' : text.slice(slash)
  const segments = path.split('/').slice(1)
  if (!segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && segment !== '.' && segment !== '..')) {
    return refuse('spiffe_path_malformed')
  }
  return ok({ text, trustDomain, path })
}

/** Tells whether a text is the name of a trust domain. SPIFFE-ID §2.1. */
export function isTrustDomain(text: string): boolean {
  return /^[a-z0-9._-]{1,255}$/.test(text)
}

/** Which workloads a client stands for: one, or with `/*` at the end all those below a path or a trust domain. */
export type ExpectedSpiffeId =
  { readonly kind: 'exact'; readonly id: SpiffeId } | { readonly kind: 'below'; readonly id: SpiffeId }

/** Reads a registered SPIFFE ID, exact or with a wildcard as its last segment. draft-ietf-oauth-spiffe-client-auth. */
export function parseExpectedSpiffeId(text: string): Result<ExpectedSpiffeId, SpiffeIdFailure> {
  const below = text.endsWith('/*')
  const id = parseSpiffeId(below ? text.slice(0, -2) : text)
  if (!id.ok) return id
  if (!below && id.value.path === '') return fail({ reason: 'spiffe_path_malformed', text: text.slice(0, 256) })
  return ok({ kind: below ? 'below' : 'exact', id: id.value })
}

/** Tells whether an ID is the expected one, or lies at least one whole segment below it. Octets, without any folding. */
export function spiffeIdMatch(id: SpiffeId, expected: ExpectedSpiffeId): boolean {
  return expected.kind === 'exact' ? id.text === expected.id.text : id.text.startsWith(`${expected.id.text}/`)
}

const SCHEME = 'spiffe://'
/** SPIFFE-ID §2.3. */
const MAXIMUM_TEXT = 2_048
