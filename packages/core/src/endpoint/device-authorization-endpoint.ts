import { fail, ok, type Result } from '@holdfast/x509'
import { grantedAudience } from '../grant/granted-audience.ts'
import { grantedScope } from '../grant/granted-scope.ts'
import { shownUserCode, userCode } from '../grant/user-code.ts'
import { decodeBase64url } from '../jose/base64url.ts'
import type {
  DecoupledAuthorizationRecord,
  DecoupledAuthorizationStore,
} from '../port/decoupled-authorization-store.ts'
import type { OpaqueTokens } from '../port/random.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { auditContext } from './audit-context.ts'
import { refusal } from './audited-answer.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

export interface DeviceAuthorizationPorts extends ClientAuthenticationPorts {
  readonly opaqueTokens: OpaqueTokens
  readonly decoupled: DecoupledAuthorizationStore
}

export interface DeviceAuthorizationSettings {
  /** Where people enter the code. */
  readonly verificationUri: string
  /** Seconds that a code is good. */
  readonly deviceCodeLifetime: number
  /** Seconds between two polls. */
  readonly pollInterval: number
}

/** The device authorization endpoint (RFC 8628 §3.1): a device asks, and a person decides elsewhere. */
export function createDeviceAuthorizationEndpoint(
  ports: DeviceAuthorizationPorts,
  settings: DeviceAuthorizationSettings & AuthorizationServerSettings,
): BackChannelEndpoint {
  return async (request) => {
    const now = ports.clock.now()
    const context = auditContext(request, ports, now)
    const asked = await ask(request, ports, settings, now)
    if (!asked.ok) return refusal(request, 'device_authorization', asked.failure, context, ports.audit)
    const { record, answer } = asked.value
    const { clientId, scope, expiresAt } = record
    const recorded = await reach('audit', () =>
      ports.audit.record({
        ...context,
        clientId,
        event: 'decoupled_authorization_requested',
        kind: 'device_code',
        subject: undefined,
        scope,
        expiresAt,
      }),
    )
    return recorded.ok ? answer : refusal(request, 'device_authorization', recorded.failure, context, ports.audit)
  }
}

async function ask(
  request: BackChannelRequest,
  ports: DeviceAuthorizationPorts,
  settings: DeviceAuthorizationSettings & AuthorizationServerSettings,
  now: number,
): Promise<Result<{ readonly record: DecoupledAuthorizationRecord; readonly answer: Answer }, Failure>> {
  const { form } = request
  if (!form.ok) return form
  const authenticated = await authenticateRequest(request, form.value, ports, settings, now)
  if (!authenticated.ok) return authenticated
  const { client } = authenticated.value
  if (!client.grantTypes.includes(deviceCode)) {
    return fail({ reason: 'grant_type_not_registered', presented: deviceCode, registered: client.grantTypes })
  }
  const scope = grantedScope(form.value.get('scope'), client.scope)
  if (!scope.ok) return scope
  const audience = grantedAudience(form.value.get('resource'), client.resource, settings.accessToken.audience)
  if (!audience.ok) return audience
  const { deviceCodeLifetime, pollInterval: interval, verificationUri } = settings
  const record: DecoupledAuthorizationRecord = {
    kind: 'device_code',
    clientId: client.clientId,
    scope: scope.value,
    audience: audience.value,
    interval,
    issuedAt: now,
    expiresAt: now + deviceCodeLifetime,
  }
  const { token, digest } = ports.opaqueTokens.create()
  for (let attempt = 0; attempt < maximumAttempts; attempt++) {
    const code = userCode(decodeBase64url(ports.random.identifier()) ?? new Uint8Array())
    if (code === undefined) continue
    const kept = await reach('decoupled', () => ports.decoupled.request(digest, record, code))
    if (!kept.ok) return kept
    if (kept.value === 'user_code_taken') continue
    const shown = shownUserCode(code)
    const body = {
      device_code: token,
      user_code: shown,
      verification_uri: verificationUri,
      verification_uri_complete: `${verificationUri}?user_code=${shown}`,
      expires_in: deviceCodeLifetime,
      interval,
    }
    return ok({ record, answer: { status: 200, headers: neverCached, body: JSON.stringify(body) } })
  }
  return fail({ reason: 'unexpected', cause: 'no user code is free' })
}

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code'

/** Among 34 bits one that is taken is rare. */
const maximumAttempts = 20

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
