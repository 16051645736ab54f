import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { jwsAlgorithms } from '../jose/jws-algorithm.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { bearerToken, dpopToken } from '../resource-request/bearer-token.ts'
import { resourceErrorResponse } from '../resource-request/www-authenticate.ts'
import type { AccessToken } from '../token/access-token.ts'
import { confirmationMatches } from '../token/confirmation.ts'
import { claimsForUserinfo } from '../token/id-token.ts'
import { reportOnlyRefusal } from '../token/report-only-refusal.ts'
import { auditContext } from './audit-context.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { boundCertificateState } from './bound-certificate-state.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import { dpopRequest } from './dpop-request.ts'
import { encryptedAnswer } from './encrypted-answer.ts'
import { liveAuthorization } from './live-authorization.ts'
import { presentedToken } from './presented-token.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** A request to the userinfo endpoint. What stands in its body is not looked at: the token comes in the header. */
export interface UserinfoRequest extends Omit<BackChannelRequest, 'form'> {
  readonly method: 'GET' | 'POST'
}

export type UserinfoEndpoint = (request: UserinfoRequest) => Promise<Answer>

/**
 * The userinfo endpoint (OpenID Connect Core §5.3): a protected resource of ours, which checks what every resource must.
 *
 * RFC 8705 §3, RFC 9449 §7: a bound token needs its certificate or proof. The token must stand, and with it the client, the
 * certificate, the authorization and the person. Any token with the scope `openid` counts, whatever resource it is for.
 */
export function createUserinfoEndpoint(
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & AuthorizationServerSettings,
): UserinfoEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext({ ...request, form: ok(new Map()) }, ports, now)
    const told = await tell(request, ports, settings, now)
    if (told.ok && told.value.wouldRefuse !== undefined) {
      const { token, wouldRefuse: failure } = told.value
      const event = { ...context, clientId: token.clientId, event: 'would_have_refused', endpoint: 'userinfo' } as const
      const reported = await reach('audit', () => ports.audit.record({ ...event, failure }))
      if (!reported.ok) return resourceErrorResponse(reported.failure, context.correlationId, {})
    }
    const recorded = await reach('audit', () =>
      ports.audit.record(
        told.ok
          ? {
              ...context,
              clientId: told.value.token.clientId,
              event: 'userinfo_told',
              subject: told.value.token.subject,
              claims: Object.keys(told.value.claims),
            }
          : { ...context, event: 'request_refused', endpoint: 'userinfo', failure: told.failure },
      ),
    )
    if (told.ok && recorded.ok) return told.value.answer
    const scheme = dpopToken(request.authorization) === undefined && request.dpop === undefined ? 'Bearer' : 'DPoP'
    const failure = recorded.ok ? (told as { readonly failure: Failure }).failure : recorded.failure
    return resourceErrorResponse(failure, context.correlationId, { scheme, algorithms: jwsAlgorithms })
  }
}

interface Told {
  readonly wouldRefuse: Failure | undefined
  readonly token: AccessToken
  readonly claims: Readonly<Record<string, unknown>>
  readonly answer: Answer
}

async function tell(
  request: UserinfoRequest,
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & AuthorizationServerSettings,
  now: number,
): Promise<Result<Told, Failure>> {
  const held = await heldToken(request, ports, settings, now)
  if (!held.ok) return held
  const { token, owner, wouldRefuse } = held.value
  if (!token.scope.includes('openid')) {
    return fail({ reason: 'scope_insufficient', required: ['openid'], granted: token.scope })
  }
  if (token.authorizationId === undefined) return fail({ reason: 'token_inactive' })
  const live = await liveAuthorization(token.authorizationId, owner, ports, now, 'of_any_client')
  if (!live.ok) return live.failure.reason === 'store_unavailable' ? live : fail({ reason: 'token_inactive' })
  const { person, record, subject } = live.value
  const claims = { sub: subject, ...claimsForUserinfo(token.scope, record.claims, person) }
  if (owner.delegation?.userinfoAlgorithm === undefined) {
    const answer = { status: 200, headers: neverCached, body: JSON.stringify(claims) }
    return ok({ token, claims, wouldRefuse, answer })
  }
  const payload = JSON.stringify({ iss: settings.issuer, aud: owner.clientId, iat: now, ...claims })
  try {
    const signed = await ports.signer.sign('JWT', payload)
    const body = await encryptedAnswer(signed, owner, 'userinfo', ports)
    if (!body.ok) return body
    const headers = { ...neverCached, 'content-type': 'application/jwt' }
    return ok({ token, claims, wouldRefuse, answer: { status: 200, headers, body: body.value } })
  } catch (cause) {
    return fail({ reason: 'signing_unavailable', cause })
  }
}

interface HeldToken {
  readonly token: AccessToken
  readonly owner: RegisteredClient
  /** What the rule that the owner tries out would have refused it for. */
  readonly wouldRefuse: Failure | undefined
}

/** The token of the request, when it stands and is in the hands of its holder. */
async function heldToken(
  request: UserinfoRequest,
  ports: DelegatedGrantPorts,
  settings: AuthorizationServerSettings,
  now: number,
): Promise<Result<HeldToken, Failure>> {
  if (request.certificateRefusal !== undefined) {
    return fail({ reason: 'certificate_source_refused', refusal: request.certificateRefusal })
  }
  const byDpop = dpopToken(request.authorization)
  const text = byDpop ?? bearerToken(request.authorization)
  if (!text.ok) return text
  const presented = await presentedToken(text.value, ports, settings.issuer)
  if (!presented.ok) return presented
  if (presented.value.format === 'unknown' || presented.value.format === 'refresh')
    return fail({ reason: 'token_inactive' })
  const { token } = presented.value
  if (token.expiresAt <= now) return fail({ reason: 'token_expired', exp: token.expiresAt, now })

  const { confirmation } = token
  if (byDpop !== undefined && confirmation?.jkt === undefined) return fail({ reason: 'token_not_bound_to_key' })
  const proof = byDpop === undefined ? { ...request, dpop: undefined } : request
  const proven = await dpopRequest(
    proof,
    { method: request.method, path: '/userinfo', accessToken: text.value },
    ports,
    now,
  )
  if (!proven.ok) return proven
  const matched =
    confirmation && confirmationMatches(confirmation, request.certificate?.thumbprint, proven.value?.thumbprint)
  if (matched?.ok === false) return matched

  const { value } = presented
  if (value.format === 'jwt') {
    const revoked = await reach('revoked_tokens', () => ports.revokedTokens.isRevoked(value.jti))
    if (!revoked.ok) return revoked
    if (revoked.value) return fail({ reason: 'token_revoked', jti: value.jti })
  }
  const owner = await reach('clients', () => ports.clients.find(token.clientId))
  if (!owner.ok) return owner
  if (owner.value === undefined || owner.value.disabled) return fail({ reason: 'token_inactive' })
  const bound = await boundCertificateState(token, owner.value, ports, now)
  if (!bound.ok) return bound
  if (bound.value !== 'usable') return fail({ reason: 'token_inactive' })
  const rule = owner.value.reportOnly?.binding
  const wouldRefuse =
    matched === undefined ? reportOnlyRefusal(rule, request.certificate, proven.value, request.role) : undefined
  return ok({ token, owner: owner.value, wouldRefuse })
}

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
