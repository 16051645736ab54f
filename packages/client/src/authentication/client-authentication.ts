import type { BackChannelForm } from '../transport/authorization-server-request.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import type { AssertionKey } from './private-key-jwt.ts'

/** How the client proves who it is (RFC 7591 `token_endpoint_auth_method`). */
export type ClientAuthentication =
  | { readonly method: 'tls_client_auth' | 'self_signed_tls_client_auth' | 'none' }
  | { readonly method: 'private_key_jwt'; readonly assertionKey: AssertionKey }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }

/**
 * Adds to a form what the registered method asks for.
 *
 * With a certificate the proof is in the handshake, and `client_id` in the body tells the server which one to expect
 * (RFC 8705 §2). A client without a method says who it is in the same way (RFC 6749 §3.2.1).
 *
 * @param now epoch seconds
 */
export function authenticatedForm(
  parameters: URLSearchParams,
  clientId: string,
  issuer: string,
  authentication: ClientAuthentication,
  now: number,
): BackChannelForm {
  const fields = new URLSearchParams(parameters)
  if (authentication.method === 'client_secret_basic') {
    const credentials = `${formEncoded(clientId)}:${formEncoded(authentication.secret)}`
    return { fields, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
  }
  fields.set('client_id', clientId)
  if (authentication.method === 'client_secret_post') fields.set('client_secret', authentication.secret)
  if (authentication.method === 'private_key_jwt') {
    fields.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    fields.set('client_assertion', privateKeyJwt(clientId, issuer, authentication.assertionKey, now))
  }
  return { fields, headers: {} }
}

// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
function formEncoded(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2)
}
