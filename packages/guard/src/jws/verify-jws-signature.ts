import { constants, verify } from 'node:crypto'

import type { VerificationKey } from '../jwk/verification-key.ts'
import { ecdsaSignatureDer } from './ecdsa-signature-der.ts'

/**
 * Says whether the signature over the bytes was made by the key, with the algorithm that the key was imported for.
 *
 * RFC 7518 §3.3, §3.4, §3.5; RFC 8037 §3.1.
 */
export function verifyJwsSignature(key: VerificationKey, signingInput: Buffer, signature: Buffer): boolean {
  switch (key.algorithm) {
    case 'ES256':
      return signature.length === 64 && verify('sha256', signingInput, key.keyObject, ecdsaSignatureDer(signature, 32))
    case 'EdDSA':
      return signature.length === 64 && verify(null, signingInput, key.keyObject, signature)
    case 'RS256':
      return verify('sha256', signingInput, key.keyObject, signature)
    case 'PS256':
      return verify('sha256', signingInput, { key: key.keyObject, ...PSS_OF_JWA }, signature)
  }
}

// RFC 7518 §3.5: the salt is as long as the hash; OpenSSL would otherwise take any length.
const PSS_OF_JWA = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
