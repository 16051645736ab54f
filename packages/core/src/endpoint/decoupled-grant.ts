import { fail, ok, type Result } from '@holdfast/x509'
import { grantedDetails } from '../grant/granted-details.ts'
import { withinAuthorization } from '../grant/within-authorization.ts'
import type { IssuedTokens } from '../port/authorization-store.ts'
import type { DecoupledAuthorizationRecord, PollOutcome } from '../port/decoupled-authorization-store.ts'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import { earnedFromAuthorization } from './earned-from-authorization.ts'
import type { FurtherGrant } from './further-grant.ts'
import { keptOfAuthorization } from './kept-of-authorization.ts'
import { liveAuthorization } from './live-authorization.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/**
 * Asks what a person has decided elsewhere (RFC 8628 §3.4, OpenID CIBA §10.1).
 *
 * A `yes` is answered once: of several polls at once exactly one earns tokens.
 */
export function decoupledGrant(
  kind: DecoupledAuthorizationRecord['kind'],
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & AuthorizationServerSettings,
): FurtherGrant {
  const { parameter, grantType } = kinds[kind]
  return async (asked) => {
    const { form, authenticated, now } = asked
    const code = form.get(parameter)
    if (code === undefined) return fail({ reason: 'parameter_missing', parameter })
    const { clientId } = authenticated.client
    const digest = ports.opaqueTokens.digest(code)
    const known = await reach('decoupled', () => ports.decoupled.find(digest))
    if (!known.ok) return known
    if (known.value?.kind !== kind) return fail({ reason: 'decoupled_authorization_unknown' })
    // Told before the person's yes is used up.
    const resource = form.get('resource')
    const { audience } = known.value
    if (resource !== undefined && !audience.includes(resource)) {
      return fail({ reason: 'resource_exceeds_grant', presented: resource.slice(0, maximumShown), granted: audience })
    }
    const details = grantedDetails(form.get('authorization_details'), known.value.authorizationDetails)
    if (!details.ok) return details
    const polled = await reach('decoupled', () => ports.decoupled.poll(digest, clientId, now))
    if (!polled.ok) return polled
    if (polled.value.outcome !== 'approved') return notApproved(polled.value)
    const { authorizationId } = polled.value
    const authorization = await liveAuthorization(authorizationId, authenticated.client, ports, now)
    if (!authorization.ok) return authorization
    const limit = { ...authorization.value, scope: authorization.value.record.scope }
    const grant = withinAuthorization(form, grantType, authenticated, limit)
    if (!grant.ok) return grant
    const keep = (tokens: IssuedTokens): Promise<Result<void, Failure>> =>
      keptOfAuthorization(authorizationId, tokens, ports.authorizations)
    const by = { refreshToken: 'new_if_due', keep } as const
    return ok(earnedFromAuthorization(grant.value, authorization.value, asked, by, ports, settings))
  }
}

function notApproved(polled: Exclude<PollOutcome, { outcome: 'approved' }>): Result<never, DelegatedGrantFailure> {
  switch (polled.outcome) {
    case 'pending':
      return fail({ reason: 'authorization_pending' })
    case 'slow_down':
      return fail({ reason: 'poll_too_soon', interval: polled.record.interval })
    case 'denied':
      return fail({ reason: 'decoupled_authorization_denied' })
    case 'expired':
      return fail({ reason: 'decoupled_authorization_expired' })
    case 'unknown':
      return fail({ reason: 'decoupled_authorization_unknown' })
  }
}

const kinds = {
  device_code: { parameter: 'device_code', grantType: 'urn:ietf:params:oauth:grant-type:device_code' },
  ciba: { parameter: 'auth_req_id', grantType: 'urn:openid:params:grant-type:ciba' },
} as const

/** Facts of a refusal go into every log record. */
const maximumShown = 200
