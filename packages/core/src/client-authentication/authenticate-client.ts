import type { Result } from '@holdfast/x509'
import type { SelfSignedCertificate } from '../client-certificate/self-signed-certificate.ts'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client-registration/registered-client.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { AuthenticatedClient } from './authenticated-client.ts'
import { clientSecretBasic, type SecretEvidence } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { none } from './none.ts'
import { type AssertionEvidence, privateKeyJwt } from './private-key-jwt.ts'
import { selfSignedTlsClientAuth } from './self-signed-tls-client-auth.ts'
import { tlsClientAuth } from './tls-client-auth.ts'

/** What each method is judged by, gathered before. */
export interface AuthenticationEvidence {
  readonly tls_client_auth: { readonly certificate: TrustedCertificate }
  readonly self_signed_tls_client_auth: { readonly certificate: SelfSignedCertificate }
  readonly private_key_jwt: AssertionEvidence
  readonly client_secret_basic: SecretEvidence
  readonly client_secret_post: SecretEvidence
  readonly none: undefined
}

/** Judges the evidence by the method that the client registered, and by no other. */
export function authenticateClient<Method extends ClientAuthenticationMethod>(
  client: RegisteredClient<Method>,
  evidence: AuthenticationEvidence[Method],
): Result<AuthenticatedClient, Failure> {
  const method = client.authentication.method as Method
  return methods[method](client, evidence)
}

/** The one table from registered method to its judge. What is advertised comes from it too. */
const methods: {
  readonly [Method in ClientAuthenticationMethod]: (
    client: RegisteredClient<Method>,
    evidence: AuthenticationEvidence[Method],
  ) => Result<AuthenticatedClient, Failure>
} = {
  tls_client_auth: tlsClientAuth,
  self_signed_tls_client_auth: selfSignedTlsClientAuth,
  private_key_jwt: privateKeyJwt,
  client_secret_basic: clientSecretBasic,
  client_secret_post: clientSecretPost,
  none,
}

/** Every method there is, in the order in which it is advertised. */
export const clientAuthenticationMethods: readonly ClientAuthenticationMethod[] = Object.keys(
  methods,
) as ClientAuthenticationMethod[]
