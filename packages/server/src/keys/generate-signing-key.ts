import { createHash, createPrivateKey, createPublicKey, generateKeyPair, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { EncryptionKeyAlgorithm, EpochSeconds, SigningAlgorithm, SigningKeyRecord } from '@holdfast/core'
import { seal, unseal } from './master-key.ts'
import type { MasterKey } from './master-key.ts'

/** A new key for the algorithm, its private part sealed. `kid` is the JWK thumbprint (RFC 7638). */
export async function generateKey(
  algorithm: SigningAlgorithm | EncryptionKeyAlgorithm,
  masterKey: MasterKey,
  times: { readonly createdAt: EpochSeconds; readonly signsFrom: EpochSeconds },
): Promise<SigningKeyRecord> {
  const privateKey = await generatePrivateKey(algorithm)
  const encrypts = algorithm === 'ECDH-ES' || algorithm === 'RSA-OAEP'
  const members = thumbprintMembers(createPublicKey(privateKey))
  // A key that is encrypted to has no `alg`: each way of its kind is as good.
  const publicJwk: Readonly<Record<string, string>> = encrypts
    ? { ...members, use: 'enc' }
    : { ...members, use: 'sig', alg: algorithm }
  const kid = jwkThumbprint(publicJwk)
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, kid },
    sealedPrivateKey: seal(masterKey, sealPurpose(kid), pkcs8),
    ...times,
    signsUntil: undefined,
    publishedUntil: undefined,
  }
}

/** The private key of a record, or `undefined` when none of the master keys opens it. `index` tells which did. */
export function openSigningKey(
  record: SigningKeyRecord,
  masterKeys: readonly MasterKey[],
): { readonly privateKey: KeyObject; readonly index: number } | undefined {
  for (const [index, masterKey] of masterKeys.entries()) {
    const pkcs8 = unseal(masterKey, sealPurpose(record.kid), record.sealedPrivateKey)
    if (pkcs8 === undefined) continue
    return { privateKey: createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }), index }
  }
  return undefined
}

/** The sealed private part again, under the first master key; `undefined` when it is already, or no key opens it. */
export function resealSigningKey(record: SigningKeyRecord, masterKeys: readonly MasterKey[]): Uint8Array | undefined {
  const opened = openSigningKey(record, masterKeys)
  const first = masterKeys[0]
  if (opened === undefined || opened.index === 0 || first === undefined) return undefined
  return seal(first, sealPurpose(record.kid), opened.privateKey.export({ format: 'der', type: 'pkcs8' }))
}

function sealPurpose(kid: string): string {
  return `holdfast signing key ${kid}`
}

async function generatePrivateKey(algorithm: SigningAlgorithm | EncryptionKeyAlgorithm): Promise<KeyObject> {
  switch (algorithm) {
    // A tenth of a millisecond each: less than handing it to another thread.
    case 'ES256':
    case 'ECDH-ES':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey
    case 'PS256':
    case 'RS256':
    case 'RSA-OAEP':
      return (await promisify(generateKeyPair)('rsa', { modulusLength: rsaBits })).privateKey
  }
}

function thumbprintMembers(publicKey: KeyObject): Readonly<Record<string, string>> {
  const { kty, crv, x, y, e, n } = publicKey.export({ format: 'jwk' })
  const members = Object.entries({ crv, e, kty, n, x, y })
  return Object.fromEntries(members.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
}

function jwkThumbprint(jwk: Readonly<Record<string, string>>): string {
  const required = ['crv', 'e', 'kty', 'n', 'x', 'y'].filter((name) => jwk[name] !== undefined)
  const canonical = JSON.stringify(Object.fromEntries(required.map((name) => [name, jwk[name]])))
  return createHash('sha256').update(canonical).digest('base64url')
}

/** What RFC 7518 §3.3 asks at least; more only slows every token down. */
const rsaBits = 2048
