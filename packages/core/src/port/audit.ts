import type { CertificateStatus, Psd2Role } from '@holdfast/x509'
import type { ExpectedSubject } from '../client-registration/registered-client.ts'
import type { EvidenceSource } from '../protocol-error/evidence-source.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { Awaitable } from './awaitable.ts'
import type { EpochSeconds } from './clock.ts'
import type { PersonEvent } from './person-event.ts'

/** Where every issue, refusal and revocation is written down, before the answer leaves. */
export interface Audit {
  /** Takes the event over. A rejection means that it could not be kept: the request then fails. */
  record(event: AuditEvent): Awaitable<void>
}

/** One event, plain data without secrets. */
export type AuditEvent =
  | (AuditContext & PersonEvent)
  | (AuditContext & {
      readonly event: 'request_refused'
      readonly endpoint: AuditedEndpoint
      readonly failure: Failure
    })
  /** Only reported: the request was answered as if the rule were not there. */
  | (AuditContext & {
      readonly event: 'would_have_refused'
      readonly endpoint: AuditedEndpoint
      readonly failure: Failure
    })
  | (AuditContext & {
      readonly event: 'token_issued'
      readonly grantType: string
      readonly format: 'jwt' | 'opaque'
      /** The `jti` of a JWT, the digest of an opaque token. */
      readonly tokenId: string
      readonly method: string
      readonly scope: readonly string[]
      readonly audience: readonly string[]
      readonly expiresAt: EpochSeconds
      /** The thumbprint of the certificate or key that the token is bound to. */
      readonly boundTo: string | undefined
      /** `key`: by DPoP; else by certificate. */
      readonly boundBy?: 'key'
      /** The name by which `tls_client_auth` recognised the client: as registered, of a SPIFFE ID the one presented. */
      readonly recognizedBy?: { readonly kind: ExpectedSubject['kind']; readonly value: string }
      /** What a QWAC states of its holder. ETSI TS 119 495 §5.1. */
      readonly psd2?: { readonly roles: readonly Psd2Role[]; readonly authority: string }
    })
  | (AuditContext & {
      /** A person let a client act for them. */
      readonly event: 'authorization_granted'
      readonly authorizationId: string
      readonly subject: string
      readonly scope: readonly string[]
      readonly audience: readonly string[]
      readonly responseType: string
    })
  | (AuditContext & {
      readonly event: 'token_introspected'
      readonly active: boolean
      readonly why: string | undefined
    })
  | (AuditContext & {
      /** A client was told about a person. */
      readonly event: 'userinfo_told'
      readonly subject: string
      /** The names of the claims. */
      readonly claims: readonly string[]
    })
  | (AuditContext & {
      /** A client waits until a person decides elsewhere (RFC 8628, OpenID CIBA). */
      readonly event: 'decoupled_authorization_requested'
      readonly kind: 'device_code' | 'ciba'
      /** Whom it concerns, where that is known. */
      readonly subject: string | undefined
      readonly scope: readonly string[]
      readonly expiresAt: EpochSeconds
    })
  | (AuditContext & {
      readonly event: 'token_revoked'
      readonly tokenId: string
      readonly outcome: 'revoked' | 'unknown'
    })
  | (AuditContext & {
      /** A client registered itself, or changed what it had registered. */
      readonly event: 'client_registered' | 'client_updated'
      readonly method: string
      readonly scope: string
    })
  | (AuditContext & { readonly event: 'client_removed' })
  | (AuditContext & {
      /** A certificate was trusted although nobody could tell whether it, or a CA above it, is revoked. */
      readonly event: 'unknown_revocation_accepted'
      readonly trust: string
      /** By position in the path, the presented certificate being 0. */
      readonly certificates: readonly CertificateStatus[]
      readonly sources: readonly EvidenceSource[]
    })

export interface AuditContext {
  readonly correlationId: string
  readonly at: EpochSeconds
  /** As presented: for a refusal it says who claimed to ask, not who did. */
  readonly clientId: string | undefined
  readonly certificateThumbprint: string | undefined
}

export type AuditedEndpoint =
  | 'token'
  | 'introspection'
  | 'revocation'
  | 'authorization'
  | 'pushed_authorization_request'
  | 'registration'
  | 'userinfo'
  | 'device_authorization'
  | 'backchannel_authentication'
