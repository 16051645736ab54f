/** A JWK without its private members, as an issuer publishes it. */
export function publicPart(jwk: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE.includes(name)))
}

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi']
