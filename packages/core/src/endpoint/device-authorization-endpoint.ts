import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
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
import { createDecoupledEndpoint, type Requested } from './decoupled-endpoint.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import type { FormParameters } from './form-parameters.ts'
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
  return createDecoupledEndpoint('device_authorization', ports, settings, (form, client, now) =>
    ask(form, client, ports, settings, now),
  )
}

async function ask(
  form: FormParameters,
  { client }: AuthenticatedClient,
  ports: DeviceAuthorizationPorts,
  settings: DeviceAuthorizationSettings & AuthorizationServerSettings,
  now: number,
): Promise<Result<Requested, Failure>> {
  if (!client.grantTypes.includes(deviceCode)) {
    return fail({ reason: 'grant_type_not_registered', presented: deviceCode, registered: client.grantTypes })
  }
  const scope = grantedScope(form.get('scope'), client.scope)
  if (!scope.ok) return scope
  const audience = grantedAudience(form.get('resource'), client.resource, settings.accessToken.audience)
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
