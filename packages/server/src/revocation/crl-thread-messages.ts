import type { ParsedCrls } from './parse-crls.ts'

export interface CrlThreadRequest {
  readonly id: number
  readonly octets: Uint8Array<ArrayBuffer>
  /** DER of the certificates that may have signed. */
  readonly candidates: readonly Uint8Array[]
}

export interface CrlThreadAnswer {
  readonly id: number
  readonly parsed: ParsedCrls
  /** The octets of the request, given back. */
  readonly octets: Uint8Array<ArrayBuffer>
}
