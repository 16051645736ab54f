import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import { recognizedClient } from '../client-authentication/recognized-client.ts'
import type { AccessTokenFormat } from '../client-registration/registered-client.ts'
import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import { clientCredentials } from '../grant/client-credentials.ts'
import { grantType } from '../grant/grant-type.ts'
import type { AuditContext } from '../port/audit.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { type AccessToken, accessToken, accessTokenClaims } from '../token/access-token.ts'
import { reportOnlyRefusal } from '../token/report-only-refusal.ts'
import { tokenBinding } from '../token/token-binding.ts'
import { tokenResponse } from '../token/token-response.ts'
import { andThen } from './and-then.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { dpopRequest } from './dpop-request.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { StepRecorder } from './explanation.ts'
import type { FormParameters } from './form-parameters.ts'
import type { EarnedTokens, FurtherGrantRequest, FurtherGrants, FurtherGrantType } from './further-grant.ts'
import type { ClientAuthenticationPorts, TokenEndpointPorts } from './ports.ts'
import { reach } from './reach.ts'
import { reportOnly } from './report-only.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** The token endpoint (RFC 6749 §3.2, RFC 8705 §2, §3): decide, sign or store, write down, answer. */
export function createTokenEndpoint(
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
  furtherGrants: FurtherGrants = {},
): BackChannelEndpoint {
  const earned = (
    request: BackChannelRequest,
    decision: TokenRequestDecision,
    context: AuditContext,
  ): Awaitable<Result<Answer, Failure>> => {
    if ('further' in decision) return furtherAnswer(decision, furtherGrants, context, ports, settings)
    return andThen(rememberCertificate(decision, request, ports), () =>
      andThen(issue(decision, ports, settings), ({ text, tokenId }) =>
        andThen(recordIssue(decision, tokenId, context, ports), () => ok(tokenResponse(text, decision.token))),
      ),
    )
  }
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const reached = andThen(decideTokenRequest(request, ports, settings, now), (decision) => {
      const { authenticated, wouldRefuse } = decision
      if (authenticated.client.reportOnly === undefined) return earned(request, decision, context)
      const reporting = { request, context, ports, settings, now }
      const reported = reportOnly(authenticated, wouldRefuse, 'token', reporting)
      return andThen(reported, () => earned(request, decision, context))
    })
    const answer = reached instanceof Promise ? await reached : reached
    return answer.ok ? answer.value : refusal(request, 'token', answer.failure, context, ports.audit)
  }
}

/** What is decided about a token request before anything is made. */
export type TokenRequestDecision = TokenDecision | FurtherDecision

interface Decided {
  readonly authenticated: AuthenticatedClient
  /** What the rule of binding that the client only tries out would have refused it for. */
  readonly wouldRefuse: Failure | undefined
}

/** A token that may be issued as it stands. */
export interface TokenDecision extends Decided {
  readonly grant: AuthorizedGrant
  readonly token: AccessToken
  readonly format: AccessTokenFormat
}

/** One of the further grants has the word: everything before it is decided. */
export interface FurtherDecision extends Decided {
  readonly further: FurtherGrantRequest
}

/** Everything that is decided about a token request, before anything is made or, by a further grant, used up. */
export function decideTokenRequest(
  request: BackChannelRequest,
  ports: ClientAuthenticationPorts & Pick<TokenEndpointPorts, 'dpop'>,
  settings: AuthorizationServerSettings,
  now: number,
  explain?: StepRecorder,
): Awaitable<Result<TokenRequestDecision, Failure>> {
  const { form } = request
  if (!form.ok) return form
  return andThen(authenticateRequest(request, form.value, ports, settings, now, explain), (authenticated) =>
    decideFor(authenticated, request, form.value, ports, settings, now, explain),
  )
}

function decideFor(
  authenticated: AuthenticatedClient,
  request: BackChannelRequest,
  form: FormParameters,
  ports: ClientAuthenticationPorts & Pick<TokenEndpointPorts, 'dpop'>,
  settings: AuthorizationServerSettings,
  now: number,
  explain: StepRecorder | undefined,
): Awaitable<Result<TokenRequestDecision, Failure>> {
  const { client } = authenticated
  explain?.begin('grant_type')
  const type = grantType(form, client, settings.grantTypes)
  if (!type.ok) return type
  explain?.passed({ grantType: type.value })
  const own = type.value === 'client_credentials'
  if (own) explain?.begin('grant')
  const grant = own ? clientCredentials(form, authenticated, settings.accessToken.audience) : undefined
  if (grant?.ok === false) return grant
  if (grant !== undefined) explain?.passed({ scope: grant.value.scope, audience: grant.value.audience })

  explain?.begin('binding')
  const proven = request.dpop === undefined ? none : dpopRequest(request, tokenRequest, ports, now)
  return andThen(proven, (key): Result<TokenRequestDecision, Failure> => {
    const binding = tokenBinding(client, request.certificate, key, request.role)
    if (!binding.ok) return binding
    explain?.passed({ binding: client.binding, confirmation: binding.value.confirmation })
    const wouldRefuse =
      client.reportOnly && reportOnlyRefusal(client.reportOnly.binding, request.certificate, key, request.role)
    if (grant === undefined) {
      const grantType = type.value as FurtherGrantType
      const further = { request, form, grantType, authenticated, binding: binding.value, key, now }
      return ok({ further, authenticated, wouldRefuse })
    }
    const lifetime = client.accessTokenLifetime ?? settings.accessToken.lifetime
    const token = accessToken(grant.value, binding.value, lifetime, now)
    const format = client.accessTokenFormat ?? settings.accessToken.format
    return ok({ grant: grant.value, token, format, authenticated, wouldRefuse })
  })
}

const none: Result<undefined, Failure> = ok(undefined)
const tokenRequest = { method: 'POST', path: '/token' }

async function furtherAnswer(
  { further }: FurtherDecision,
  grants: FurtherGrants,
  context: AuditContext,
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
): Promise<Result<Answer, Failure>> {
  const decide = grants[further.grantType]
  if (decide === undefined) return fail({ reason: 'grant_type_unknown', presented: further.grantType })
  const earned = await decide(further)
  if (!earned.ok) return earned
  const { grant, refreshToken, idToken, settle, members } = earned.value
  const { client } = further.authenticated
  const lifetime = client.accessTokenLifetime ?? settings.accessToken.lifetime
  const token = accessToken(grant, further.binding, lifetime, further.now)
  const decision: TokenDecision = {
    grant,
    token,
    format: client.accessTokenFormat ?? settings.accessToken.format,
    authenticated: further.authenticated,
    wouldRefuse: undefined,
  }
  const kept = await rememberCertificate(decision, further.request, ports)
  if (!kept.ok) return kept
  const issued =
    settle === undefined ? await issue(decision, ports, settings) : await settled(decision, settle, ports, settings)
  if (!issued.ok) return issued
  const identity = await idToken?.(issued.value.text)
  if (identity?.ok === false) return identity
  const recorded = await recordIssue(decision, issued.value.tokenId, context, ports)
  if (!recorded.ok) return recorded
  return ok(
    tokenResponse(issued.value.text, token, {
      ...(refreshToken === undefined ? undefined : { refresh_token: refreshToken }),
      ...(identity === undefined ? undefined : { id_token: identity.value }),
      ...members,
    }),
  )
}

interface IssuedToken {
  readonly text: string
  /** What the audit knows it by: the `jti`, or the digest of an opaque token. */
  readonly tokenId: string
}

function issue(
  { token, format }: TokenDecision,
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
): Awaitable<Result<IssuedToken, Failure>> {
  if (format === 'opaque') {
    const { token: text, digest } = ports.opaqueTokens.create()
    const kept = reach('access_tokens', () => ports.accessTokens.issue(digest, token))
    return andThen(kept, () => ok({ text, tokenId: digest }))
  }
  return signJwt(token, ports.random.identifier(), ports, settings)
}

/** Signs a self-contained token only when all else is done: of those who come with one code, one makes it necessary. */
async function settled(
  { token, format }: TokenDecision,
  settle: NonNullable<EarnedTokens['settle']>,
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
): Promise<Result<IssuedToken, Failure>> {
  if (format === 'opaque') {
    const { token: text, digest } = ports.opaqueTokens.create()
    const kept = await settle({ digest, record: token })
    return kept.ok ? ok({ text, tokenId: digest }) : kept
  }
  const jti = ports.random.identifier()
  const kept = await settle({ jti, expiresAt: token.expiresAt })
  return kept.ok ? signJwt(token, jti, ports, settings) : kept
}

function signJwt(
  token: AccessToken,
  jti: string,
  ports: TokenEndpointPorts,
  settings: AuthorizationServerSettings,
): Awaitable<Result<IssuedToken, Failure>> {
  const claims = JSON.stringify(accessTokenClaims(token, settings.issuer, jti))
  const unavailable = (cause: unknown): Result<never, Failure> => fail({ reason: 'signing_unavailable', cause })
  try {
    const signed = ports.signer.sign('at+jwt', claims)
    if (typeof signed === 'string') return ok({ text: signed, tokenId: jti })
    return signed.then((text) => ok({ text, tokenId: jti }), unavailable)
  } catch (cause) {
    return unavailable(cause)
  }
}

/** A token bound to a certificate that a CA vouches for must end with it: see bound-certificate-state.ts. */
function rememberCertificate(
  { grant, token }: TokenDecision,
  { certificate }: BackChannelRequest,
  { boundCertificates }: TokenEndpointPorts,
): Awaitable<Result<void, Failure>> {
  const { path } = grant.authenticated
  const bound = token.confirmation?.['x5t#S256']
  if (path === undefined || certificate === undefined || bound === undefined) return ok(undefined)
  const { der, thumbprint } = certificate
  const chain = path.certificates.slice(1).map((authority) => authority.der)
  return reach('bound_certificates', () => boundCertificates.remember(thumbprint, { der, chain }, token.expiresAt))
}

function recordIssue(
  { grant, token, format }: TokenDecision,
  tokenId: string,
  context: AuditContext,
  ports: TokenEndpointPorts,
): Awaitable<Result<void, Failure>> {
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
      boundTo: token.confirmation?.['x5t#S256'] ?? token.confirmation?.jkt,
      ...(token.confirmation?.jkt === undefined ? undefined : { boundBy: 'key' as const }),
      ...recognizedClient(grant.authenticated),
    }),
  )
}
