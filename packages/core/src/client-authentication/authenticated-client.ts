import type { ValidatedPath } from '@holdfast/x509'
import type { CertificateIdentity } from '../client-certificate/certificate-identity.ts'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client-registration/registered-client.ts'

/** A client that has proven itself by the method it registered; for `none`, one that exists and may ask. */
export interface AuthenticatedClient {
  readonly client: RegisteredClient
  readonly method: ClientAuthenticationMethod
  /** The certificate that proved it, for the two certificate methods. */
  readonly certificate: CertificateThumbprint | undefined
  /** The path that vouches for that certificate, for `tls_client_auth`. */
  readonly path: ValidatedPath | undefined
  /** Whom that certificate names, for `tls_client_auth`. */
  readonly identity: CertificateIdentity | undefined
  readonly [proof]: 'authenticated'
}
declare const proof: unique symbol

/** Mints the proof. For the methods of this folder, after their last check. */
export function authenticatedClient(
  client: RegisteredClient,
  certificate?: CertificateThumbprint,
  path?: ValidatedPath,
  identity?: CertificateIdentity,
): AuthenticatedClient {
  return { client, method: client.authentication.method, certificate, path, identity } as AuthenticatedClient
}
