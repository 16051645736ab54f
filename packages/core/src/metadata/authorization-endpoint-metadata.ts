import { type AuthorizationRules, authorizationRules } from '../authorization/authorization-rules.ts'
import { prompts } from '../authorization/prompt.ts'
import { responseModes } from '../authorization/response-mode.ts'
import { type EncryptionOffer, requestEncryption } from '../client-registration/encryption-metadata.ts'
import { encryptionMethods, type SecurityProfile } from '../client-registration/security-profile.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import { scopedClaims } from '../token/id-token.ts'
import { encryptedMembers } from './encrypted-members.ts'

/** What of people's authorizations is switched on. */
export interface AuthorizationMetadataSettings {
  readonly profile: SecurityProfile
  readonly authorizationDetailsTypes: readonly string[]
  readonly acrValues: readonly string[]
  /** BCP 47 tags of the languages that our pages speak. */
  readonly uiLocales: readonly string[]
  readonly pairwiseSubjects: 'offered' | 'off'
  /** `undefined`: nothing is encrypted beyond TLS. */
  readonly encryption?: EncryptionOffer | undefined
}

/**
 * What the metadata says about the authorization endpoint, from the very rules that requests are judged by.
 *
 * RFC 8414 §2, RFC 7636 §6.2, RFC 9101 §10.5, RFC 9126 §5, RFC 9207 §3, RFC 9396 §10, JARM §4.
 */
export function authorizationEndpointMetadata(
  { profile, authorizationDetailsTypes, acrValues, uiLocales, encryption }: AuthorizationMetadataSettings,
  signingAlgorithms: readonly JwsAlgorithm[],
): Readonly<Record<string, unknown>> {
  const rules = authorizationRules(profile, {})
  return {
    response_types_supported: rules.responseTypes,
    response_modes_supported: modes(rules),
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    authorization_signing_alg_values_supported: signingAlgorithms,
    require_pushed_authorization_requests: rules.pushedRequests === 'required',
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    require_signed_request_object: rules.signedRequests === 'required',
    request_object_signing_alg_values_supported: rules.requestAlgorithms,
    prompt_values_supported: prompts,
    authorization_details_types_supported: authorizationDetailsTypes,
    acr_values_supported: acrValues,
    ui_locales_supported: uiLocales,
    ...encryptionMetadata(profile, encryption),
  }
}

/** What OpenID Connect Discovery §3 adds. */
export function openidMetadata({ pairwiseSubjects }: AuthorizationMetadataSettings): Readonly<Record<string, unknown>> {
  return {
    subject_types_supported: pairwiseSubjects === 'offered' ? ['public', 'pairwise'] : ['public'],
    claims_parameter_supported: true,
    claim_types_supported: ['normal'],
    claims_supported: ['sub', 'auth_time', 'acr', 'amr', ...scopedClaims()],
  }
}

/** RFC 9101 §10.5, JARM §4, and for tokens and userinfo OpenID Connect Discovery §3. */
function encryptionMetadata(
  profile: SecurityProfile,
  offer: EncryptionOffer | undefined,
): Readonly<Record<string, unknown>> {
  const requests = requestEncryption(profile, offer?.requestKey ?? 'off')
  return {
    request_object_encryption_alg_values_supported: requests.algorithms,
    request_object_encryption_enc_values_supported: requests.encodings,
    ...(offer?.answers === 'offered'
      ? encryptedMembers(['authorization', 'id_token', 'userinfo'], encryptionMethods(profile))
      : {}),
  }
}

function modes({ signedResponses }: AuthorizationRules): readonly string[] {
  return signedResponses === 'required' ? responseModes().filter((mode) => mode.endsWith('jwt')) : responseModes()
}
