import type { CertificateRevocationList } from '@holdfast/x509'
import type { CrlParser } from './create-crl-parser.ts'

/** One place that CRLs come from, and what came from there last. */
export interface CrlSource {
  /** Path of the file, or URL. */
  readonly origin: string
  /** The same array until something else was loaded. */
  readonly crls: readonly CertificateRevocationList[]
  /** Why there is nothing, or nothing newer: lower case, no full stop. */
  readonly problem: string | undefined
  /**
   * Has a look for something newer when it is time to. Answers a promise when it is worth waiting for, because there is nothing
   * usable at hand; it is fulfilled when the look is over, whatever came of it.
   */
  look(now: number): Promise<void> | undefined
  /** Has a look now, whether it is time or not. */
  load(): Promise<void> | undefined
  close(): void
}

/** What every source needs. */
export interface CrlSourceParts {
  readonly trust: string
  readonly parser: CrlParser
  /** DER of the certificates that may have signed, as known now. */
  readonly candidates: () => readonly Uint8Array[]
  readonly maximumOctets: number
  readonly events: RevocationEvents
}

/** What the operator is told. */
export interface RevocationEvents {
  loaded(facts: LoadedFacts): void
  failed(facts: FailedFacts): void
}

export interface LoadedFacts {
  readonly trust: string
  readonly kind: 'crl' | 'ocsp'
  readonly origin: string
  readonly issuer?: string
  /** Of a CRL: revoked certificates. */
  readonly entries?: number
  /** Epoch seconds. */
  readonly thisUpdate?: number
  readonly nextUpdate?: number | undefined
}

export interface FailedFacts {
  readonly trust: string
  readonly kind: 'crl' | 'ocsp'
  readonly origin: string
  readonly problem: string
  /** Whether something from before is still used. */
  readonly kept: 'yes' | 'no'
}
