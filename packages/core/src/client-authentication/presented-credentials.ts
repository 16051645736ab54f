import { fail, ok, type Result } from '@holdfast/x509'
import { type CompactJws, parseCompactJws } from '../jose/compact-jws.ts'
import type { AssertionFailure, ClientFailure, RequestFailure } from '../protocol-error/failure.ts'
import { basicCredentials } from './basic-credentials.ts'

/** What a client put into its request to prove itself; the certificate aside, which is part of the connection. */
export type PresentedCredentials = { readonly clientId: string } & (
  | { readonly kind: 'none' }
  | { readonly kind: 'client_secret_basic'; readonly secret: string }
  | { readonly kind: 'client_secret_post'; readonly secret: string }
  | { readonly kind: 'client_assertion'; readonly assertion: CompactJws }
)

/**
 * Finds the one set of credentials in a request.
 *
 * RFC 6749 §2.3: more than one way is refused, and every spelling of the client's name must agree. An empty
 * `client_secret` never gets here, since a parameter without value counts as absent.
 */
export function presentedCredentials(
  form: ReadonlyMap<string, string>,
  authorization: string | undefined,
): Result<PresentedCredentials, RequestFailure | ClientFailure | AssertionFailure> {
  const clientId = form.get('client_id')
  const secret = form.get('client_secret')
  const assertion = form.get('client_assertion')
  const assertionType = form.get('client_assertion_type')
  const asserted = assertion !== undefined || assertionType !== undefined

  if (authorization !== undefined) {
    if (secret !== undefined || asserted) {
      const presented = ['authorization header', ...(secret === undefined ? [] : ['client_secret'])]
      return fail({
        reason: 'credentials_presented_twice',
        presented: asserted ? [...presented, 'client_assertion'] : presented,
      })
    }
    const basic = basicCredentials(authorization)
    if (!basic.ok) return basic
    if (clientId !== undefined && clientId !== basic.value.clientId) {
      return fail({ reason: 'client_id_contradicted', where: 'authorization_header' })
    }
    return ok({ kind: 'client_secret_basic', ...basic.value })
  }

  if (asserted) {
    if (secret !== undefined) {
      return fail({ reason: 'credentials_presented_twice', presented: ['client_secret', 'client_assertion'] })
    }
    if (assertion === undefined) return fail({ reason: 'parameter_missing', parameter: 'client_assertion' })
    if (assertionType !== jwtBearer) return fail({ reason: 'assertion_type_unsupported', presented: assertionType })
    return assertedCredentials(assertion, clientId)
  }

  if (clientId === undefined) return fail({ reason: 'client_id_missing' })
  return secret === undefined ? ok({ kind: 'none', clientId }) : ok({ kind: 'client_secret_post', secret, clientId })
}

/** RFC 7523 §2.2, §3: `client_id` may be left out, since `sub` names the client. */
function assertedCredentials(
  text: string,
  clientId: string | undefined,
): Result<PresentedCredentials, RequestFailure | AssertionFailure> {
  const assertion = parseCompactJws(text)
  if (!assertion.ok) {
    const { failure } = assertion
    if (failure.reason === 'too_long') return fail({ ...failure, reason: 'assertion_too_long' })
    if (failure.reason === 'critical') return fail({ ...failure, reason: 'assertion_header_critical' })
    return fail({ ...failure, reason: 'assertion_malformed' })
  }
  const subject = assertion.value.claims['sub']
  if (subject === undefined) return fail({ reason: 'assertion_claim_missing', claim: 'sub' })
  if (typeof subject !== 'string') return fail({ reason: 'assertion_claim_malformed', claim: 'sub' })
  if (clientId !== undefined && clientId !== subject) {
    return fail({ reason: 'client_id_contradicted', where: 'client_assertion' })
  }
  return ok({ kind: 'client_assertion', assertion: assertion.value, clientId: subject })
}

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
