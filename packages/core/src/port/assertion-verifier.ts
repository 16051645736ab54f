import type { ClientKey } from '../client-registration/client-keys.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { Awaitable } from './awaitable.ts'

export interface AssertionVerifier {
  /**
   * Whether `key` made the signature of `assertion` with `algorithm`; false for every kind of bad signature. The caller has
   * matched algorithm and key. Nothing of the header is read.
   */
  verify(assertion: CompactJws, algorithm: JwsAlgorithm, key: ClientKey): Awaitable<boolean>
}
