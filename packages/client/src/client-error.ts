/** Every way in which the client can fail after construction. */
export type ClientErrorCode =
  | 'certificate_unusable'
  | 'client_closed'
  | 'discovery_failed'
  | 'endpoint_missing'
  | 'issuer_mismatch'
  | 'metadata_malformed'
  | 'request_failed'
  | 'request_timeout'
  | 'response_too_large'
  | 'token_bound_to_other_certificate'
  | 'token_not_bound'
  | 'token_request_refused'
  | 'token_response_malformed'
  | 'token_type_unsupported'
  | 'url_not_https'

/**
 * What the client throws when it cannot do what was asked: a literal `code` and the facts, never a token or a key.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ClientErrorCode, facts: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(`${code}: ${SENTENCES[code]}${listed(facts)}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
  }
}

function listed(facts: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? '' : ` (${entries.map(([name, value]) => `${name}: ${String(value)}`).join(', ')})`
}

const SENTENCES: { readonly [Code in ClientErrorCode]: string } = {
  certificate_unusable: 'the certificate and its key cannot be used together',
  client_closed: 'the client was closed',
  discovery_failed: "the issuer's metadata could not be read",
  endpoint_missing: "the issuer's metadata names no such endpoint",
  issuer_mismatch: 'the metadata belongs to another issuer',
  metadata_malformed: "the issuer's metadata is not as RFC 8414 describes",
  request_failed: 'the authorization server could not be reached',
  request_timeout: 'the authorization server did not answer in time',
  response_too_large: 'the answer is longer than any sensible one',
  token_bound_to_other_certificate: 'the issued token is bound to another certificate than ours',
  token_not_bound: 'a certificate-bound token was asked for, but the issued one is good in anyone’s hands',
  token_request_refused: 'the authorization server refused the token request',
  token_response_malformed: 'the token response is not as RFC 6749 §5.1 describes',
  token_type_unsupported: 'the issued token is of a type that this client cannot present',
  url_not_https: 'certificates and tokens go over https only',
}
