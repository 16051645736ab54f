export { fail, ok, type Result } from '@holdfast/x509'

export type { CertificateRefusal, Failure, FailureReason, ResourceRequestFailure } from './protocol-error/failure.ts'

export type { CompactJws, JoseHeader } from './jose/compact-jws.ts'
export { isJwsAlgorithm, jwsAlgorithms, type JwsAlgorithm } from './jose/jws-algorithm.ts'

export type {
  CertificateSource,
  CertificateThumbprint,
  PresentedCertificate,
} from './client-certificate/presented-certificate.ts'

export type { ClientKey, ClientKeys } from './client-registration/client-keys.ts'
export type {
  AccessTokenFormat,
  Binding,
  ClientAuthenticationMethod,
  ExpectedSubject,
  GrantType,
  KeySource,
  RegisteredAuthentication,
  RegisteredClient,
} from './client-registration/registered-client.ts'

export type { AccessTokenRecord, AccessTokenStore, RevokedTokenStore, TokenDigest } from './port/access-token-store.ts'
export type { AccessTokenVerifier } from './port/access-token-verifier.ts'
export type { AnchorSets } from './port/anchor-sets.ts'
export type { AssertionVerifier } from './port/assertion-verifier.ts'
export type { Audit, AuditContext, AuditedEndpoint, AuditEvent } from './port/audit.ts'
export type { Awaitable } from './port/awaitable.ts'
export type { CertificateReader } from './port/certificate-reader.ts'
export type { ClientStore } from './port/client-store.ts'
export type { Clock, EpochSeconds } from './port/clock.ts'
export type { OpaqueTokens, Random } from './port/random.ts'
export type { RegisteredKeys, RegisteredKeysFailure } from './port/registered-keys.ts'
export type { ReplayStore } from './port/replay-store.ts'
export type { SecretVerifier } from './port/secret-verifier.ts'
export type { Signer } from './port/signer.ts'
export type { SigningAlgorithm, SigningKeyRecord, SigningKeyStore } from './port/signing-key-store.ts'

export type { Answer } from './protocol-error/answer.ts'
export type { BackChannelRequest } from './endpoint/back-channel-request.ts'
export type { BackChannelEndpoint } from './endpoint/endpoint.ts'
export { parseFormParameters, type FormParameters } from './endpoint/form-parameters.ts'
export type { ClientAuthenticationPorts, TokenEndpointPorts, TokenManagementPorts } from './endpoint/ports.ts'
export type { AuthorizationServerSettings } from './endpoint/settings.ts'
