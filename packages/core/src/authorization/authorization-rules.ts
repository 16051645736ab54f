import type { ResponseType } from '../client-registration/authorization-registration.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { type SecurityProfile, signatureAlgorithms } from '../client-registration/security-profile.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'

/** What requests for authorizations must be like, beyond the RFCs themselves. */
export interface AuthorizationRules {
  readonly responseTypes: readonly ResponseType[]
  /** `with_code`: the response type `code` is answered by a signed JWT only (JARM §2.3). */
  readonly signedResponses: 'required' | 'with_code' | 'optional'
  readonly pushedRequests: 'required' | 'optional'
  /** `unless_pushed`: what was pushed by an authenticated client needs no signature. */
  readonly signedRequests: 'required' | 'unless_pushed' | 'optional'
  readonly requestAlgorithms: readonly JwsAlgorithm[]
  /** `bounded`: with `nbf`, `exp` and `aud`, and not longer than an hour in either direction. */
  readonly requestObjectTimes: 'bounded' | 'as_they_are'
  /** RFC 7636; a `nonce` does the same for confidential clients (RFC 9700 §2.1.1). */
  readonly codeChallenges: 'required' | 'required_when_pushed' | 'required_without_nonce'
  readonly redirectUris: 'must_be_sent' | 'may_be_left_out'
  /** Seconds; the server's own lifetime counts when it is shorter. */
  readonly longestCode: number
  /** Where the profile says so, for the operator. */
  readonly clauses: {
    readonly [
      Rule in
        | 'responseTypes'
        | 'signedResponses'
        | 'pushedRequests'
        | 'signedRequests'
        | 'requestObjectTimes'
        | 'codeChallenges'
        | 'redirectUris'
    ]?: string
  }
}

/** The rules for one client: those of its own profile, when it has one, else the server's. */
export function authorizationRules(
  server: SecurityProfile,
  client: Pick<RegisteredClient, 'profile'>,
): AuthorizationRules {
  return rulesOfProfiles[client.profile ?? server]
}

const ordinary: AuthorizationRules = {
  responseTypes: ['code', 'code id_token'],
  signedResponses: 'optional',
  pushedRequests: 'optional',
  signedRequests: 'optional',
  requestAlgorithms: signatureAlgorithms('none'),
  requestObjectTimes: 'as_they_are',
  codeChallenges: 'required_without_nonce',
  redirectUris: 'may_be_left_out',
  longestCode: 600,
  clauses: { codeChallenges: 'RFC 9700 §2.1.1' },
}

const fapi2: AuthorizationRules = {
  ...ordinary,
  responseTypes: ['code'],
  pushedRequests: 'required',
  requestAlgorithms: signatureAlgorithms('fapi2'),
  codeChallenges: 'required',
  redirectUris: 'must_be_sent',
  longestCode: 60,
  clauses: {
    responseTypes: 'FAPI 2.0 §5.3.2.2 (1)',
    pushedRequests: 'FAPI 2.0 §5.3.2.2 (3)',
    codeChallenges: 'FAPI 2.0 §5.3.2.2 (5)',
    redirectUris: 'FAPI 2.0 §5.3.2.2 (6)',
  },
}

const fapi1Advanced: AuthorizationRules = {
  ...ordinary,
  signedResponses: 'with_code',
  signedRequests: 'required',
  requestAlgorithms: signatureAlgorithms('fapi1-advanced'),
  requestObjectTimes: 'bounded',
  codeChallenges: 'required_when_pushed',
  redirectUris: 'must_be_sent',
  clauses: {
    responseTypes: 'FAPI 1.0 Advanced §5.2.2 (2)',
    signedResponses: 'FAPI 1.0 Advanced §5.2.2 (2)',
    signedRequests: 'FAPI 1.0 Advanced §5.2.2 (1)',
    requestObjectTimes: 'FAPI 1.0 Advanced §5.2.2 (13), (15), (17)',
    codeChallenges: 'FAPI 1.0 Advanced §5.2.2 (18)',
    redirectUris: 'FAPI 1.0 Baseline §5.2.2 (9)',
  },
}

const rulesOfProfiles: { readonly [Profile in SecurityProfile]: AuthorizationRules } = {
  none: ordinary,
  fapi2,
  'fapi2-message-signing': {
    ...fapi2,
    signedResponses: 'required',
    signedRequests: 'required',
    requestObjectTimes: 'bounded',
    clauses: {
      ...fapi2.clauses,
      signedResponses: 'FAPI 2.0 Message Signing §5.4.1',
      signedRequests: 'FAPI 2.0 Message Signing §5.3.1',
      requestObjectTimes: 'FAPI 2.0 Message Signing §5.3.1',
    },
  },
  'fapi1-advanced': fapi1Advanced,
  brazil: { ...fapi1Advanced, requestAlgorithms: signatureAlgorithms('brazil') },
}
