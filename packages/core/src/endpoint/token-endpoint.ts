import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { AccessTokenFormat, GrantType } from '../client-registration/registered-client.ts'
import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import { clientCredentials } from '../grant/client-credentials.ts'
import { grantType } from '../grant/grant-type.ts'
import type { AuditContext } from '../port/audit.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { type AccessToken, accessToken, accessTokenClaims } from '../token/access-token.ts'
import { certificateBoundAccessToken } from '../token/certificate-bound-access-token.ts'
import { tokenResponse } from '../token/token-response.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { StepRecorder } from './explanation.ts'
import type { FormParameters } from './form-parameters.ts'
import type { ClientAuthenticationPorts, TokenEndpointPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** The token endpoint (RFC 6749 §3.2, RFC 8705 §2, §3): decide, sign or store, write down, answer. */
export function createTokenEndpoint(
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const decision = await decideTokenRequest(request, ports, settings, now)
    if (!decision.ok) return refusal(request, 'token', decision.failure, context, ports.audit)
    const kept = await rememberCertificate(decision.value, request, ports)
    if (!kept.ok) return refusal(request, 'token', kept.failure, context, ports.audit)
    const issued = await issue(decision.value, ports, settings)
    if (!issued.ok) return refusal(request, 'token', issued.failure, context, ports.audit)
    const recorded = await recordIssue(decision.value, issued.value.tokenId, context, ports)
    if (!recorded.ok) return refusal(request, 'token', recorded.failure, context, ports.audit)
    return tokenResponse(issued.value.text, decision.value.token)
  }
}

/** A token that may be issued as it stands. */
export interface TokenDecision {
  readonly grant: AuthorizedGrant
  readonly token: AccessToken
  readonly format: AccessTokenFormat
}

/** Everything that is decided about a token request, before anything is made. */
export async function decideTokenRequest(
  request: BackChannelRequest,
  ports: ClientAuthenticationPorts,
  settings: AuthorizationServerSettings,
  now: number,
  explain?: StepRecorder,
): Promise<Result<TokenDecision, Failure>> {
  const { form } = request
  if (!form.ok) return form
  const authenticated = await authenticateRequest(request, form.value, ports, settings, now, explain)
  if (!authenticated.ok) return authenticated
  const { client } = authenticated.value

  explain?.begin('grant_type')
  const type = grantType(form.value, client, settings.grantTypes)
  if (!type.ok) return type
  explain?.passed({ grantType: type.value })
  explain?.begin('grant')
  const grant = grants[type.value](form.value, authenticated.value, settings)
  if (!grant.ok) return grant
  explain?.passed({ scope: grant.value.scope, audience: grant.value.audience })

  explain?.begin('binding')
  const binding = certificateBoundAccessToken(client.binding, request.certificate, request.role)
  if (!binding.ok) return binding
  explain?.passed({ binding: client.binding, confirmation: binding.value.confirmation })
  const token = accessToken(
    grant.value,
    binding.value,
    client.accessTokenLifetime ?? settings.accessToken.lifetime,
    now,
  )
  return ok({ grant: grant.value, token, format: client.accessTokenFormat ?? settings.accessToken.format })
}

const grants: {
  readonly [Type in GrantType]: (
    form: FormParameters,
    authenticated: AuthenticatedClient,
    settings: AuthorizationServerSettings,
  ) => Result<AuthorizedGrant, Failure>
} = {
  client_credentials: (form, authenticated, settings) =>
    clientCredentials(form, authenticated, settings.accessToken.audience),
}

interface IssuedToken {
  readonly text: string
  /** What the audit knows it by: the `jti`, or the digest of an opaque token. */
  readonly tokenId: string
}

async function issue(
  { token, format }: TokenDecision,
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
): Promise<Result<IssuedToken, Failure>> {
  if (format === 'opaque') {
    const { token: text, digest } = ports.opaqueTokens.create()
    const kept = await reach('access_tokens', () => ports.accessTokens.issue(digest, token))
    return kept.ok ? ok({ text, tokenId: digest }) : kept
  }
  const jti = ports.random.identifier()
  const claims = JSON.stringify(accessTokenClaims(token, settings.issuer, jti))
  try {
    return ok({ text: await ports.signer.sign('at+jwt', claims), tokenId: jti })
  } catch (cause) {
    return fail({ reason: 'signing_unavailable', cause })
  }
}

/** A token bound to a certificate that a CA vouches for must end with it: see bound-certificate-state.ts. */
function rememberCertificate(
  { grant, token }: TokenDecision,
  { certificate }: BackChannelRequest,
  { boundCertificates }: TokenEndpointPorts,
): Awaitable<Result<void, Failure>> {
  const { path } = grant.authenticated
  if (path === undefined || certificate === undefined || token.confirmation === undefined) return ok(undefined)
  const { der, thumbprint } = certificate
  const chain = path.certificates.slice(1).map((authority) => authority.der)
  return reach('bound_certificates', () => boundCertificates.remember(thumbprint, { der, chain }, token.expiresAt))
}

async function recordIssue(
  { grant, token, format }: TokenDecision,
  tokenId: string,
  context: AuditContext,
  ports: TokenEndpointPorts,
): Promise<Result<void, Failure>> {
  return reach('audit', () =>
    ports.audit.record({
      ...context,
      clientId: token.clientId,
      event: 'token_issued',
      grantType: grant.grantType,
      format,
      tokenId,
      method: grant.authenticated.method,
      scope: token.scope,
      audience: token.audience,
      expiresAt: token.expiresAt,
      boundTo: token.confirmation?.['x5t#S256'],
    }),
  )
}
