import type { AuditEvent } from '@holdfast/core'
import type { EdgeEvent } from '@holdfast/edge'

/** What is counted. Labels are never text that a client sent. */
export interface Metrics {
  requestAnswered(endpoint: string, status: number, seconds: number): void
  decided(event: AuditEvent): void
  edge(event: EdgeEvent): void
  /** A CRL or an OCSP response was asked for. */
  revocation(trust: string, kind: 'crl' | 'ocsp', outcome: 'loaded' | 'failed'): void
  /** The bundle of a SPIFFE trust domain was looked for. */
  spiffeBundle(trust: string, outcome: 'loaded' | 'failed'): void
  /** The Prometheus text format, version 0.0.4. */
  exposition(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** A date that an operator must not miss. */
export interface ExpiryGauge {
  readonly kind: 'server_certificate' | 'trust_anchor' | 'trust_intermediate' | 'signing_key' | 'crl' | 'spiffe_bundle'
  readonly name: string
  /** Epoch seconds. */
  readonly expiresAt: number
}

/** For a server without a management listener: counts nothing. */
export const noMetrics: Metrics = {
  requestAnswered: () => undefined,
  decided: () => undefined,
  edge: () => undefined,
  revocation: () => undefined,
  spiffeBundle: () => undefined,
  exposition: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
}
