/** How the content key of a JWE is wrapped (RFC 7518 §4.1). RSA1_5 is none of them: its padding tells too much. */
export type JweAlgorithm = 'ECDH-ES' | 'ECDH-ES+A128KW' | 'ECDH-ES+A256KW' | 'RSA-OAEP-256' | 'RSA-OAEP'

/** How the content of a JWE is encrypted (RFC 7518 §5.1). */
export type JweEncoding = 'A256GCM' | 'A128GCM' | 'A128CBC-HS256'

/** What one encryption is made with. */
export interface JweMethod {
  readonly algorithm: JweAlgorithm
  readonly encoding: JweEncoding
}

/** Every {@link JweAlgorithm}, by the kind of key it takes. */
export const jweAlgorithmsOf: { readonly [Kind in 'EC' | 'RSA']: readonly JweAlgorithm[] } = {
  EC: ['ECDH-ES+A256KW', 'ECDH-ES+A128KW', 'ECDH-ES'],
  RSA: ['RSA-OAEP-256', 'RSA-OAEP'],
}
