import { fail, ok } from '@holdfast/x509'
import { grantAssertion, jwtBearer } from '../grant/jwt-bearer.ts'
import { parseCompactJws } from '../jose/compact-jws.ts'
import { clientSignature } from './client-signature.ts'
import type { FurtherGrant } from './further-grant.ts'
import type { TokenEndpointPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** Gives access tokens for assertions of issuers whom the client registered (RFC 7523 §2.1). Each with a `jti` counts once. */
export function jwtBearerGrant(ports: TokenEndpointPorts, settings: AuthorizationServerSettings): FurtherGrant {
  const audiences = [settings.issuer, ...settings.assertionAudiences]
  return async ({ form, authenticated, now }) => {
    const { client } = authenticated
    const text = form.get('assertion')
    if (text === undefined) return fail({ reason: 'parameter_missing', parameter: 'assertion' })
    const jws = parseCompactJws(text)
    if (!jws.ok) return fail({ reason: 'grant_assertion_refused', problem: 'malformed' })
    const assertion = grantAssertion(jws.value, client.delegation?.assertionIssuers ?? [], audiences, now)
    if (!assertion.ok) return assertion
    const { issuer, algorithm, jti, rememberUntil } = assertion.value
    const grant = jwtBearer(form, authenticated, assertion.value, settings.accessToken.audience)
    if (!grant.ok) return grant
    const signature = await clientSignature(jws.value, algorithm, issuer.keys, ports)
    if (!signature.ok) return signature
    if (signature.value !== 'verified') return fail({ reason: 'grant_assertion_refused', problem: signature.value })
    if (jti !== undefined) {
      const use = await reach('replays', () => ports.replays.take(`assertion:${issuer.issuer}`, jti, rememberUntil))
      if (!use.ok) return use
      if (use.value === 'replayed') return fail({ reason: 'grant_assertion_replayed', jti })
      if (use.value === 'full') return fail({ reason: 'replay_memory_full' })
    }
    return ok({ grant: grant.value })
  }
}
