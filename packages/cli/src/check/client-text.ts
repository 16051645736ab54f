import { expectedSubjectText, type RegisteredClient } from '@holdfast/core'
import { nameLines } from '@holdfast/server/operate'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import { subjectKindText } from '../explain/subject-kind-text.ts'

/** What will be checked when this client asks for a token, in words. */
export interface ClientText {
  readonly clientId: string
  readonly method: string
  /** How it must prove itself. */
  readonly proof: string
  /** The name that its certificate must have, attribute by attribute, in the order of a certificate; for a subject only. */
  readonly reading: readonly string[] | undefined
  /** What else the certificate must say, and for what. */
  readonly policy: readonly string[]
  /** What binds its tokens. */
  readonly binding: string
}

export function clientText(client: RegisteredClient): ClientText {
  return {
    clientId: client.clientId,
    method: client.authentication.method,
    reading: client.disabled ? undefined : reading(client.authentication),
    policy: client.disabled ? [] : psd2Lines(client),
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
      return `${authentication.subject.kind === 'spiffe_id' ? 'an SVID' : 'a certificate'} that leads to the trust “${authentication.trust}” and names ${subject(authentication.subject)}`
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

function reading(authentication: RegisteredClient['authentication']): readonly string[] | undefined {
  return authentication.method === 'tls_client_auth' && authentication.subject.kind === 'subject_dn'
    ? nameLines(authentication.subject.name)
    : undefined
}

function psd2Lines({ authentication, scope }: RegisteredClient): readonly string[] {
  const psd2 = authentication.method === 'tls_client_auth' ? authentication.psd2 : undefined
  if (psd2 === undefined) return []
  const free = scope.filter((value) => !psd2.scopes.has(value))
  return [
    ...(psd2.authorities === undefined ? [] : [`authorized under PSD2 by ${psd2.authorities.join(' or ')}`]),
    ...[...psd2.scopes].map(([value, roles]) => `scope ${value} only with the PSD2 role ${roles.join(' or ')}`),
    ...(psd2.scopes.size === 0 || free.length === 0 ? [] : [`scope ${free.join(' ')} without any PSD2 role`]),
  ]
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
