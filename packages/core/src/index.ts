export { fail, ok, type Result } from '@holdfast/x509'

export type { Answer } from './protocol-error/answer.ts'
export { errorResponse } from './protocol-error/error-response.ts'
export type { AuthorizationFailure, InteractionFailure } from './protocol-error/authorization-failure.ts'
export type {
  AssertionFailure,
  AuthorizationHeaderProblem,
  CertificateFailure,
  CertificateRefusal,
  ClientFailure,
  Failure,
  FailureReason,
  GrantFailure,
  OutageFailure,
  RequestFailure,
  ResourceRequestFailure,
  TokenManagementFailure,
} from './protocol-error/failure.ts'
export type {
  CodeVerifierProblem,
  DelegatedGrantFailure,
  DpopFailure,
  DpopProofProblem,
  LoginHintProblem,
} from './protocol-error/delegated-grant-failure.ts'
export type { RegistrationFailure } from './protocol-error/registration-failure.ts'
export { wireErrors, type ErrorCode, type WireError } from './protocol-error/wire-errors.ts'

export { decodeBase64url, encodeBase64url } from './jose/base64url.ts'
export { parseCompactJws, type CompactJws, type CompactJwsFailure, type JoseHeader } from './jose/compact-jws.ts'
export type { CompactJwe, CompactJweProblem } from './jose/compact-jwe.ts'
export { jweAlgorithmsOf, type JweAlgorithm, type JweEncoding, type JweMethod } from './jose/jwe-algorithm.ts'
export { isJwsAlgorithm, jwsAlgorithms, type JwsAlgorithm } from './jose/jws-algorithm.ts'

export type {
  CertificateSource,
  CertificateThumbprint,
  PresentedCertificate,
} from './client-certificate/presented-certificate.ts'
export { revocationVerdict } from './client-certificate/revocation-verdict.ts'
export type { KnownVerdict, PathEvidence, RevocationPolicy } from './client-certificate/revocation-policy.ts'
export type { EvidenceSource } from './protocol-error/evidence-source.ts'
export type { SelfSignedCertificate } from './client-certificate/self-signed-certificate.ts'
export type { SpiffeTrustDomain } from './client-certificate/spiffe-trust-domain.ts'
export type { CertificateIdentity, Psd2Absence } from './client-certificate/certificate-identity.ts'
export type { KnownPath, KnownPaths, TrustProfile } from './client-certificate/trust-profile.ts'
export type { TrustedCertificate } from './client-certificate/trusted-certificate.ts'

export { parseCertificateThumbprint } from './client-registration/certificate-thumbprints.ts'
export type {
  AssertionIssuer,
  CibaRegistration,
  DelegationRegistration,
} from './client-registration/delegation-registration.ts'
export type { ClientEncryptionKey, ClientKey, ClientKeys } from './client-registration/client-keys.ts'
export { requestEncryption, type EncryptionOffer } from './client-registration/encryption-metadata.ts'
export type { EncryptionRegistration } from './client-registration/encryption-registration.ts'
export { clientMetadataMembers } from './client-registration/client-metadata-members.ts'
export type { AuthorizationOffer } from './client-registration/authorization-metadata.ts'
export type { AuthorizationRegistration, ResponseType } from './client-registration/authorization-registration.ts'
export { parseClientMetadata, type RegistrationRules } from './client-registration/client-metadata.ts'
export type { ServerFacts } from './client-registration/server-demands.ts'
export { parseJsonWebKeySet, type ThumbprintOf } from './client-registration/json-web-key-set.ts'
export type { MetadataProblem } from './client-registration/metadata-problem.ts'
export type {
  AccessTokenFormat,
  Binding,
  ClientAuthenticationMethod,
  ExpectedSubject,
  GrantType,
  KeySource,
  Psd2Policy,
  RegisteredAuthentication,
  RegisteredAuthentications,
  RegisteredClient,
  ReportOnlyRules,
} from './client-registration/registered-client.ts'
export { parseScope } from './client-registration/scope.ts'
export { encryptionMethods, signatureAlgorithms, type SecurityProfile } from './client-registration/security-profile.ts'
export { subjectsOfCertificate, type SubjectOfCertificate } from './client-registration/subjects-of-certificate.ts'
export { tlsClientAuthSubjectMembers, type SubjectMember } from './client-registration/tls-client-auth-subject.ts'

export type { AuthorizationDetailsType } from './authorization/authorization-details.ts'
export type { AuthorizationRequest, ResponseTarget } from './authorization/authorization-request.ts'
export { authorizationRules, type AuthorizationRules } from './authorization/authorization-rules.ts'
export { prompts, type Prompt } from './authorization/prompt.ts'
export { responseModes, type ResponseMode } from './authorization/response-mode.ts'

export { clientAuthenticationMethods } from './client-authentication/authenticate-client.ts'
export type { AuthenticatedClient } from './client-authentication/authenticated-client.ts'
export { expectedSubjectText } from './client-authentication/tls-client-auth.ts'

export type { AccessToken, AccessTokenClaims } from './token/access-token.ts'
export { dpopProof, type DpopProof, type ProofExpectation } from './dpop/dpop-proof.ts'
export type { ProvenKey } from './dpop/proven-key.ts'
export type { ActorClaim, Delegation } from './grant/delegation.ts'
export { confirmationMatches, type Confirmation } from './token/confirmation.ts'
export {
  claimsForIdToken,
  claimsForUserinfo,
  claimsOfScope,
  idTokenClaims,
  type IdTokenFacts,
} from './token/id-token.ts'
export { subjectIdentifier } from './token/subject-identifier.ts'
export { introspectedToken, verifiedJwt, type VerifiedToken } from './token/verified-token.ts'

export { bearerToken, dpopToken } from './resource-request/bearer-token.ts'
export {
  decideResourceRequest,
  type AllowedRequest,
  type ResourceRequestFacts,
} from './resource-request/decide-resource-request.ts'
export { resourceAccessToken, type ResourceAccessToken } from './resource-request/resource-access-token.ts'
export { resourcePolicy, type ResourcePolicy } from './resource-request/resource-policy.ts'
export { resourceErrorResponse, wwwAuthenticate, type Challenge } from './resource-request/www-authenticate.ts'

export {
  authorizationServerMetadata,
  openidConfiguration,
  type MetadataDocument,
  type MetadataSettings,
} from './metadata/authorization-server-metadata.ts'
export type { AuthorizationMetadataSettings } from './metadata/authorization-endpoint-metadata.ts'
export {
  endpointUrls,
  type EndpointUrls,
  type FurtherEndpoint,
  furtherEndpointsAt,
  furtherEndpointUrls,
} from './metadata/endpoint-urls.ts'
export { tokenMetadata } from './metadata/token-metadata.ts'
export { mtlsEndpointAliases } from './metadata/mtls-endpoint-aliases.ts'

export type { AccessTokenRecord, AccessTokenStore, RevokedTokenStore, TokenDigest } from './port/access-token-store.ts'
export type { AccessTokenVerifier } from './port/access-token-verifier.ts'
export type { AnchorSets } from './port/anchor-sets.ts'
export type { AssertionVerifier } from './port/assertion-verifier.ts'
export type { Audit, AuditContext, AuditedEndpoint, AuditEvent } from './port/audit.ts'
export type { LoginWay, PersonChange, PersonEvent, PersonFailure } from './port/person-event.ts'
export type { AuthorizationCodeRecord, AuthorizationCodeStore } from './port/authorization-code-store.ts'
export type {
  AuthenticationEvent,
  AuthorizationDetail,
  AuthorizationRecord,
  AuthorizationStore,
  ClaimsRequest,
  GivenAuthorization,
  IndividualClaim,
  IssuedAccessToken,
  IssuedTokens,
  OneTimePurpose,
} from './port/authorization-store.ts'
export type { BoundCertificate, BoundCertificates } from './port/bound-certificates.ts'
export type { Awaitable } from './port/awaitable.ts'
export type { CertificateReader } from './port/certificate-reader.ts'
export type { ClientRegistrationStore, StoredClient } from './port/client-registration-store.ts'
export type { ClientStore } from './port/client-store.ts'
export type { Clock, EpochSeconds } from './port/clock.ts'
export type {
  DecoupledAuthorizationRecord,
  DecoupledAuthorizationStore,
  PollOutcome,
} from './port/decoupled-authorization-store.ts'
export type { Decrypter, Encrypter } from './port/encrypter.ts'
export type { Hash, PairwiseIdentifiers } from './port/hash.ts'
export type { DpopNonces } from './port/dpop-nonces.ts'
export type { GuessBucket, GuessStore } from './port/guess-store.ts'
export type { OneTimeStore } from './port/one-time-store.ts'
export type { PersonHints } from './port/person-hints.ts'
export type { Outbox, OutboxEntry } from './port/outbox.ts'
export type { PersonClaims } from './port/person-claims.ts'
export type { RequestObjects } from './port/request-objects.ts'
export type { PublishedKeys } from './port/published-keys.ts'
export type { OpaqueTokens, Random } from './port/random.ts'
export type { RefreshTokenRecord, RefreshTokenStore, RotationOutcome } from './port/refresh-token-store.ts'
export type { RegisteredKeys, RegisteredKeysFailure } from './port/registered-keys.ts'
export type { ReplayStore } from './port/replay-store.ts'
export type { SecretVerifier } from './port/secret-verifier.ts'
export type { SessionRecord, SessionStore } from './port/session-store.ts'
export type { JwtType, Signer } from './port/signer.ts'
export type {
  EncryptionKeyAlgorithm,
  SigningAlgorithm,
  SigningKeyRecord,
  SigningKeyStore,
} from './port/signing-key-store.ts'
export type { LoginKey, StoredUser, UserStore } from './port/user-store.ts'

export type {
  AuthorizationBegin,
  AuthorizationEndpoint,
  AuthorizationStep,
  ClientDisplay,
  LoginSession,
  PersonsDecision,
} from './endpoint/authorization-step.ts'
export type {
  AuthorizationEndpointPorts,
  AuthorizationSettings,
  Interaction,
  PushedRequest,
  RequestedAuthorizationPorts,
} from './endpoint/authorization-ports.ts'
export type { PushedAuthorizationRequestPorts } from './endpoint/pushed-authorization-request-endpoint.ts'
export type { BackChannelRequest } from './endpoint/back-channel-request.ts'
export type { BackChannelEndpoint } from './endpoint/endpoint.ts'
export { explainTokenRequest, type TokenRequestExplanation } from './endpoint/explain-token-request.ts'
export type { ExplainedStep, StepName } from './endpoint/explanation.ts'
export { parseFormParameters, type FormParameters } from './endpoint/form-parameters.ts'
export { createIntrospectionEndpoint } from './endpoint/introspection-endpoint.ts'
export { createJwksEndpoint } from './endpoint/jwks-endpoint.ts'
export { createMetadataEndpoint } from './endpoint/metadata-endpoint.ts'
export type {
  ClientAuthenticationPorts,
  TokenDelegationPorts,
  TokenEndpointPorts,
  TokenManagementPorts,
} from './endpoint/ports.ts'
export type { AuthorizationServerSettings } from './endpoint/settings.ts'
export type {
  BackchannelAuthenticationPorts,
  BackchannelAuthenticationSettings,
} from './endpoint/backchannel-authentication-endpoint.ts'
export type { DeviceAuthorizationPorts, DeviceAuthorizationSettings } from './endpoint/device-authorization-endpoint.ts'
export type { TokenExchangePorts } from './endpoint/token-exchange-grant.ts'
export type { DelegatedGrantPorts, DelegatedGrantSettings } from './endpoint/delegated-grant-ports.ts'
export { dpopRequest, type DpopPorts, type ProvenRequest } from './endpoint/dpop-request.ts'
export type {
  EarnedTokens,
  FurtherGrant,
  FurtherGrantRequest,
  FurtherGrants,
  FurtherGrantType,
} from './endpoint/further-grant.ts'
export { trustedByProfile } from './endpoint/trusted-by-profile.ts'
export type { UserinfoEndpoint, UserinfoRequest } from './endpoint/userinfo-endpoint.ts'
export { createRevocationEndpoint } from './endpoint/revocation-endpoint.ts'
export { createTokenEndpoint } from './endpoint/token-endpoint.ts'
export type { ClientRegistrationRequest } from './endpoint/client-registration-request.ts'
export type { ClientRegistrationPorts, ClientRegistrationSettings } from './endpoint/client-registration-ports.ts'
export type { ClientConfigurationRequest } from './endpoint/client-configuration-endpoint.ts'
export type { RegistrationPolicy, SoftwareStatementPolicy } from './client-registration/registration-policy.ts'
