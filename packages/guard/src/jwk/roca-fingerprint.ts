/**
 * Says whether an RSA modulus has the form that a faulty key generator gave it (CVE-2017-15361): such a key can be factored.
 *
 * The generator's primes are powers of 65537 modulo a product of small primes, so the modulus is one modulo each of them.
 * A sound modulus passes all of these tests by chance once in 2^27.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return PRIMES.every((prime) => isPowerOfGenerator(Number(modulus % BigInt(prime)), prime))
}

function isPowerOfGenerator(residue: number, prime: number): boolean {
  let power = 1
  do {
    if (power === residue) return true
    power = (power * GENERATOR) % prime
  } while (power !== 1)
  return false
}

const GENERATOR = 65537

// Small primes modulo which the generator does not reach every residue; the others would tell nothing.
const PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157]
