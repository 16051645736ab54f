import { argon2, hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The argon2id hash of a new client secret in PHC form, as `client_secret_hash` wants it. */
export async function clientSecretHash(secret: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const digest = await argon2id(secret, salt, presentCost)
  const { memory, passes, parallelism } = presentCost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(digest)}`
}

/** For a secret that stands in the configuration in the clear: kept in memory only, never written. */
export function plainSecretHash(secret: string): string {
  return plainPrefix + hash('sha256', secret, 'base64url')
}

/** Whether the secret is the one behind the hash. Costs the same for every argon2id hash of present cost. */
export async function verifyClientSecretHash(secret: string, stored: string): Promise<boolean> {
  if (stored.startsWith(plainPrefix)) {
    const matches = equal(Buffer.from(plainSecretHash(secret)), Buffer.from(stored))
    // A wrong guess must cost what it costs elsewhere, or it would tell which clients exist.
    if (!matches) await verifyNothing(secret)
    return matches
  }
  const parsed = parsePhc(stored)
  if (parsed === undefined) {
    await verifyNothing(secret)
    return false
  }
  return equal(await argon2id(secret, parsed.salt, parsed.cost, parsed.digest.length), parsed.digest)
}

/** The work of {@link verifyClientSecretHash} for a client that does not exist. */
export async function verifyNothing(secret: string): Promise<void> {
  await argon2id(secret, noSalt, presentCost)
}

interface Cost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

function argon2id(secret: string, nonce: Uint8Array, cost: Cost, tagLength: number = digestBytes): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message: secret, nonce, tagLength, ...cost }, (error, digest) => {
      if (error) reject(error)
      else resolve(digest)
    })
  })
}

function parsePhc(
  text: string,
): { readonly cost: Cost; readonly salt: Uint8Array; readonly digest: Uint8Array } | undefined {
  const parts = phc.exec(text)
  if (parts === null) return undefined
  const [, memory, passes, parallelism, salt = '', digest = ''] = parts
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  if (cost.memory > maximumMemory || cost.passes > maximumPasses || cost.parallelism > maximumParallelism)
    return undefined
  return { cost, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/={1,2}$/, '')
}

const phc =
  /^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/
const plainPrefix = 'sha256:'

/** OWASP's second choice: 19 MiB and some 20 ms, so that a flood of wrong secrets cannot take all memory. */
const presentCost: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const digestBytes = 32
const noSalt = Buffer.alloc(saltBytes)

/** What a hash from elsewhere may ask of us per guess. */
const maximumMemory = 262_144
const maximumPasses = 10
const maximumParallelism = 16
