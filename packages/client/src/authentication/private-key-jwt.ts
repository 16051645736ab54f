import { constants, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** The algorithms that this client signs assertions with. */
export type AssertionAlgorithm = 'ES256' | 'EdDSA' | 'PS256' | 'RS256'

/** The key that the client registered, with the algorithm that it is for. */
export interface AssertionKey {
  readonly key: KeyObject
  readonly algorithm: AssertionAlgorithm
  readonly keyId: string | undefined
}

/**
 * Makes the assertion of `private_key_jwt`: good for one use within a minute, at this issuer only.
 *
 * The audience is the issuer as one string, which FAPI 2.0 demands and everyone else accepts. RFC 7523 §3.
 *
 * @param now epoch seconds
 */
export function privateKeyJwt(clientId: string, issuer: string, key: AssertionKey, now: number): string {
  const header = { alg: key.algorithm, typ: 'JWT', ...(key.keyId === undefined ? {} : { kid: key.keyId }) }
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + LIFETIME }
  const input = `${encoded(header)}.${encoded(claims)}`
  return `${input}.${signature(input, key).toString('base64url')}`
}

/** The algorithm for a key when none is named; `undefined` when the key is good for none. */
export function usualAlgorithm(key: KeyObject): AssertionAlgorithm | undefined {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined
    case 'ed25519':
      return 'EdDSA'
    case 'rsa':
      return 'PS256'
    default:
      return undefined
  }
}

function signature(input: string, { key, algorithm }: AssertionKey): Buffer {
  const bytes = Buffer.from(input, 'ascii')
  switch (algorithm) {
    case 'ES256':
      return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
    case 'EdDSA':
      return sign(null, bytes, key)
    case 'PS256':
      return sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
    case 'RS256':
      return sign('sha256', bytes, key)
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

// Seconds. The assertion is made for the request that is about to be sent.
const LIFETIME = 60
