import { fail, ok, type Result } from '@holdfast/x509'
import { accessTokenType, type ExchangedToken, tokenExchange, tokenExchangeRequest } from '../grant/token-exchange.ts'
import type { IssuedAccessToken } from '../port/authorization-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { confirmationMatches } from '../token/confirmation.ts'
import { subjectIdentifier } from '../token/subject-identifier.ts'
import { boundCertificateState } from './bound-certificate-state.ts'
import { keptOfAuthorization } from './kept-of-authorization.ts'
import type { TokenDelegationPorts, TokenEndpointPorts, TokenManagementPorts } from './ports.ts'
import type { FurtherGrant, FurtherGrantRequest } from './further-grant.ts'
import { presentedToken } from './presented-token.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** People's authorizations are looked at where there are any. */
export type TokenExchangePorts = TokenEndpointPorts &
  TokenManagementPorts & { readonly delegations?: TokenDelegationPorts }

/** Exchanges access tokens (RFC 8693). What comes out is bound as every token of the caller is, and never less than what went in. */
export function tokenExchangeGrant(ports: TokenExchangePorts, settings: AuthorizationServerSettings): FurtherGrant {
  return async (asked) => {
    const { form, authenticated, binding } = asked
    if (authenticated.method === 'none') return fail({ reason: 'client_not_confidential' })
    const wanted = tokenExchangeRequest(form)
    if (!wanted.ok) return wanted
    const { subjectToken, actorToken } = wanted.value
    const subject = await exchangedToken(subjectToken, 'subject_token', asked, ports, settings)
    if (!subject.ok) return subject
    const actor =
      actorToken === undefined ? undefined : await exchangedToken(actorToken, 'actor_token', asked, ports, settings)
    if (actor?.ok === false) return actor
    const grant = tokenExchange(form, authenticated, subject.value, actor?.value, settings.accessToken.audience)
    if (!grant.ok) return grant
    if (subject.value.bound !== 'not_at_all' && binding.confirmation === undefined) {
      return fail({ reason: 'binding_certificate_missing', role: asked.request.role })
    }
    const { authorizationId } = subject.value
    const { delegations } = ports
    return ok({
      grant: grant.value,
      members: { issued_token_type: accessTokenType },
      ...(authorizationId === undefined || delegations === undefined
        ? undefined
        : {
            settle: (accessToken: IssuedAccessToken) =>
              keptOfAuthorization(authorizationId, { accessToken }, delegations.authorizations),
          }),
    })
  }
}

/** The token as it stands now: refused as soon as anything that it rests on has ended. */
async function exchangedToken(
  text: string,
  parameter: 'subject_token' | 'actor_token',
  { request, key, authenticated, now }: FurtherGrantRequest,
  ports: TokenExchangePorts,
  settings: AuthorizationServerSettings,
): Promise<Result<ExchangedToken, Failure>> {
  const refused = (problem: string): Result<never, Failure> =>
    fail({ reason: 'subject_token_refused', parameter, problem })
  const presented = await presentedToken(text, ports, settings.issuer)
  if (!presented.ok) return presented
  const { value } = presented
  if (value.format === 'unknown' || value.format === 'refresh') return refused('not_an_access_token_of_ours')
  const { token } = value
  if (token.expiresAt <= now) return refused('expired')
  if (value.format === 'jwt') {
    const revoked = await reach('revoked_tokens', () => ports.revokedTokens.isRevoked(value.jti))
    if (!revoked.ok) return revoked
    if (revoked.value) return refused('revoked')
  }
  const owner = await reach('clients', () => ports.clients.find(token.clientId))
  if (!owner.ok) return owner
  if (owner.value === undefined || owner.value.disabled) return refused('client_gone')
  const certificate = await boundCertificateState(token, owner.value, ports, now)
  if (!certificate.ok) return certificate
  if (certificate.value !== 'usable') return refused(certificate.value)

  const { clientId, scope, audience, expiresAt, confirmation, authorizationId, authorizationDetails, actor } = token
  let { subject } = token
  const { delegations } = ports
  if (authorizationId !== undefined) {
    if (delegations === undefined) return refused('authorization_ended')
    const found = await reach('authorizations', () => delegations.authorizations.find(authorizationId))
    if (!found.ok) return found
    if (found.value === undefined || found.value.expiresAt <= now) return refused('authorization_ended')
    const { subject: person } = found.value
    const known = await reach('people', () => delegations.people.claimsOf(person))
    if (!known.ok) return known
    if (known.value === undefined) return refused('person_gone')
    subject = subjectIdentifier(person, authenticated.client, delegations.pairwise)
  }
  const holder = confirmation as Readonly<Record<string, unknown>> | undefined
  const held = holder && confirmationMatches(holder, request.certificate?.thumbprint, key?.thumbprint)
  const bound = held === undefined ? 'not_at_all' : held.ok ? 'by_what_came_along' : 'by_something_else'
  return ok({ clientId, subject, scope, audience, expiresAt, bound, authorizationId, authorizationDetails, actor })
}
