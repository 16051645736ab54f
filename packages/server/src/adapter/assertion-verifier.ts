import { constants, createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { AssertionVerifier, ClientKey, JwsAlgorithm } from '@holdfast/core'

/** An {@link AssertionVerifier}; a client's key is imported once and kept for as long as its registration lives. */
export function createAssertionVerifier(): AssertionVerifier {
  const imported = new WeakMap<ClientKey, KeyObject>()
  return {
    verify: (assertion, algorithm, key) => {
      let publicKey = imported.get(key)
      if (publicKey === undefined) {
        try {
          publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
        } catch {
          return false
        }
        imported.set(key, publicKey)
      }
      return verifyJws(assertion.signingInput, assertion.signature, algorithm, publicKey)
    },
  }
}

/** Whether the key made the signature with the algorithm (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
export function verifyJws(
  signingInput: string,
  signature: Uint8Array,
  algorithm: JwsAlgorithm,
  key: KeyObject,
): boolean {
  const input = Buffer.from(signingInput, 'latin1')
  try {
    switch (algorithm) {
      case 'ES256':
        return (
          signature.length === es256SignatureBytes &&
          verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
        )
      case 'EdDSA':
        return verify(null, input, key, signature)
      case 'RS256':
        return verify('sha256', input, key, signature)
      case 'PS256': {
        const padding = constants.RSA_PKCS1_PSS_PADDING
        return verify('sha256', input, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
      }
    }
  } catch {
    return false
  }
}

const es256SignatureBytes = 64
