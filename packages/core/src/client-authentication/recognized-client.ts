import type { Psd2Role } from '@holdfast/x509'
import type { ExpectedSubject } from '../client-registration/registered-client.ts'
import type { AuthenticatedClient } from './authenticated-client.ts'

/** The name by which a client was recognised in its certificate, and what that certificate lets it be. */
export interface RecognizedClient {
  readonly recognizedBy: {
    readonly kind: ExpectedSubject['kind']
    /** As registered; of a SPIFFE ID the one that was presented, since a registration may stand for many. */
    readonly value: string
  }
  /** ETSI TS 119 495 §5.1, as the certificate states it. */
  readonly psd2?: { readonly roles: readonly Psd2Role[]; readonly authority: string }
}

/** Says by what a client was recognised; `undefined` for every method but `tls_client_auth`. RFC 8705 §2.1.2. */
export function recognizedClient({
  client: { authentication },
  identity,
}: AuthenticatedClient): RecognizedClient | undefined {
  if (authentication.method !== 'tls_client_auth' || identity === undefined) return undefined
  const { subject } = authentication
  const { svid, psd2 } = identity
  const value = subject.kind === 'spiffe_id' && svid.ok ? svid.value.text : subject.text
  const recognizedBy = { kind: subject.kind, value }
  if (!psd2.ok) return { recognizedBy }
  return { recognizedBy, psd2: { roles: psd2.value.roles, authority: psd2.value.competentAuthorityId } }
}
