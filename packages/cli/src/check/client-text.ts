import { expectedSubjectText, type RegisteredClient } from '@holdfast/core'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import { subjectKindText } from '../explain/subject-kind-text.ts'

/** What will be checked when this client asks for a token, in words. */
export interface ClientText {
  readonly clientId: string
  readonly method: string
  /** How it must prove itself. */
  readonly proof: string
  /** What binds its tokens. */
  readonly binding: string
}

export function clientText(client: RegisteredClient): ClientText {
  return {
    clientId: client.clientId,
    method: client.authentication.method,
    proof: client.disabled ? 'is disabled: every request is refused' : proof(client.authentication),
    binding: bindings[client.binding],
  }
}

const bindings: { readonly [Binding in RegisteredClient['binding']]: string } = {
  required: 'tokens are bound to the certificate of the request; without one there is no token',
  if_present: 'tokens are bound when the request has a certificate, else good in anyone’s hands',
  off: 'tokens are good in anyone’s hands',
}

function proof(authentication: RegisteredClient['authentication']): string {
  switch (authentication.method) {
    case 'tls_client_auth':
      return `a certificate that leads to the trust “${authentication.trust}” and names ${subject(authentication.subject)}`
    case 'self_signed_tls_client_auth':
      return `exactly ${registered([...authentication.thumbprints].map(shortThumbprint), authentication.jwksUri)}${
        authentication.dates === 'ignored' ? ', even after its time' : ''
      }`
    case 'private_key_jwt':
      return authentication.keys.kind === 'jwks_uri'
        ? `a JWT signed with a key from ${authentication.keys.uri}`
        : `a JWT signed with ${authentication.keys.keys.keys.length === 1 ? 'its registered key' : `one of its ${authentication.keys.keys.keys.length} registered keys`}`
    case 'client_secret_basic':
    case 'client_secret_post':
      return 'its client secret'
    case 'none':
      return 'nothing: it is a public client'
  }
}

function subject(
  expected: Extract<RegisteredClient['authentication'], { method: 'tls_client_auth' }>['subject'],
): string {
  return `${subjectKindText[expected.kind]} ${expectedSubjectText(expected)}`
}

function registered(thumbprints: readonly string[], jwksUri: string | undefined): string {
  const pinned = thumbprints.length === 0 ? [] : [`the certificate ${thumbprints.join(' or ')}`]
  return [...pinned, ...(jwksUri === undefined ? [] : [`a certificate published at ${jwksUri}`])].join(', or ')
}
