import type { GrantType } from '../client-registration/registered-client.ts'
import type { encryptionMethods } from '../client-registration/security-profile.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import { encryptedMembers } from './encrypted-members.ts'

/**
 * What the metadata says about tokens beyond their issue: DPoP (RFC 9449 §5.1), signed introspection (RFC 9701 §7), signed
 * userinfo (OpenID Connect Discovery §3), and CIBA §4.
 */
export function tokenMetadata(settings: {
  readonly dpop: 'offered' | 'off'
  readonly grantTypes: readonly GrantType[]
  readonly signingAlgorithms: readonly JwsAlgorithm[]
  readonly userinfo: 'offered' | 'off'
  /** What clients may sign with. */
  readonly clientAlgorithms: readonly JwsAlgorithm[]
  /** What answers are encrypted with; `undefined`: they are not. */
  readonly encryption?: ReturnType<typeof encryptionMethods> | undefined
}): Readonly<Record<string, unknown>> {
  const ciba = settings.grantTypes.includes('urn:openid:params:grant-type:ciba')
  return {
    ...(settings.dpop === 'offered' ? { dpop_signing_alg_values_supported: settings.clientAlgorithms } : {}),
    introspection_signing_alg_values_supported: settings.signingAlgorithms,
    ...(settings.encryption === undefined ? {} : encryptedMembers(['introspection'], settings.encryption)),
    ...(settings.userinfo === 'offered' ? { userinfo_signing_alg_values_supported: settings.signingAlgorithms } : {}),
    ...(ciba
      ? {
          backchannel_token_delivery_modes_supported: ['poll', 'ping'],
          backchannel_authentication_request_signing_alg_values_supported: settings.clientAlgorithms,
          backchannel_user_code_parameter_supported: false,
        }
      : {}),
  }
}
