import { fail, ok, type Result } from '@holdfast/x509'
import { encryptionMethods, type SecurityProfile } from '../client-registration/security-profile.ts'
import { type CompactJwe, parseCompactJwe } from '../jose/compact-jwe.ts'
import type { JweMethod } from '../jose/jwe-algorithm.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'

/**
 * Judges the outside of an encrypted request object, before a private key is used for it (RFC 9101 §6.1).
 *
 * `registered` is the client's own method, if any: then it is the only one. What is inside must be signed all the same.
 */
export function encryptedRequestObject(
  text: string,
  registered: JweMethod | undefined,
  profile: SecurityProfile,
): Result<CompactJwe, AuthorizationFailure> {
  const jwe = parseCompactJwe(text)
  if (!jwe.ok) return fail({ reason: 'request_object_not_decrypted', problem: jwe.failure })
  const { alg, enc } = jwe.value
  const allowed = encryptionMethods(profile)
  const algorithms = registered === undefined ? allowed.algorithms : [registered.algorithm]
  const encodings = registered === undefined ? allowed.encodings : [registered.encoding]
  if (!algorithms.some((one) => one === alg) || !encodings.some((one) => one === enc)) {
    const presented = `${alg.slice(0, 32)} ${enc.slice(0, 32)}`
    const all = [...algorithms, ...encodings]
    return fail({ reason: 'request_object_encryption_not_allowed', presented, allowed: all })
  }
  return ok(jwe.value)
}
