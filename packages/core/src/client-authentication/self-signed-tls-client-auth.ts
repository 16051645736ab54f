import { ok, type Result } from '@holdfast/x509'
import type { SelfSignedCertificate } from '../client-certificate/self-signed-certificate.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { type AuthenticatedClient, authenticatedClient } from './authenticated-client.ts'

/**
 * Accepts the client whose connection proved possession of a certificate that is registered for it.
 *
 * RFC 8705 §2.2. That the certificate is registered is what the evidence proves: see self-signed-certificate.ts.
 */
export function selfSignedTlsClientAuth(
  client: RegisteredClient<'self_signed_tls_client_auth'>,
  evidence: { readonly certificate: SelfSignedCertificate },
): Result<AuthenticatedClient, never> {
  return ok(authenticatedClient(client, evidence.certificate.thumbprint))
}
