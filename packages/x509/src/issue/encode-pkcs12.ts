import { createCipheriv, createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import {
  type Der,
  derContextConstructed,
  derContextPrimitive,
  derElement,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSequenceOf,
  derSetOf,
  utf16,
  utf8,
} from './der.ts'

/** What goes into a PKCS#12 file. */
export interface Pkcs12Content {
  /** The leaf first, DER. */
  readonly certificates: readonly [Uint8Array, ...Uint8Array[]]
  /** The leaf's private key: PKCS#8, DER. */
  readonly privateKey: Uint8Array
  readonly password: string
  /** The name under which key stores show the entry; Java calls it the alias. */
  readonly friendlyName?: string
  /** Of the key derivation; defaults to {@link defaultIterations}. */
  readonly iterations?: number
}

/**
 * Makes a PKCS#12 file (RFC 7292): PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC, sealed by HMAC-SHA-256.
 *
 * `random` answers that many unpredictable octets; salts and initialization vectors come from it.
 */
export function encodePkcs12(content: Pkcs12Content, random: (octets: number) => Uint8Array): Uint8Array {
  const iterations = content.iterations ?? defaultIterations
  const seal: Seal = (plain) => pbes2(plain, content.password, iterations, random)
  const [leaf] = content.certificates
  const attributes = bagAttributes(leaf, content.friendlyName)
  const certificateBags = content.certificates.map((der, at) =>
    derSequence(
      derObjectIdentifier(certBag),
      derContextConstructed(
        0,
        derSequence(derObjectIdentifier(x509Certificate), derContextConstructed(0, derOctetString(der))),
      ),
      ...(at === 0 ? [attributes] : []),
    ),
  )
  const sealedKey = seal(content.privateKey)
  const keyBag = derSequence(
    derObjectIdentifier(pkcs8ShroudedKeyBag),
    derContextConstructed(0, derSequence(sealedKey.algorithm, derOctetString(sealedKey.encrypted))),
    attributes,
  )
  const authenticatedSafe = derSequence(
    encryptedContent(seal(derSequenceOf(certificateBags))),
    dataContent(derSequence(keyBag)),
  )
  return derSequence(
    derInteger(3),
    dataContent(authenticatedSafe),
    macData(authenticatedSafe, content.password, random(saltOctets), iterations),
  )
}

type Seal = (plain: Uint8Array) => Sealed

interface Sealed {
  readonly algorithm: Der
  readonly encrypted: Uint8Array
}

/** RFC 8018 §6.2. */
function pbes2(
  plain: Uint8Array,
  password: string,
  iterations: number,
  random: (octets: number) => Uint8Array,
): Sealed {
  const salt = random(saltOctets)
  const iv = random(blockOctets)
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(utf8(password), salt, iterations, keyOctets, 'sha256'), iv)
  const body = cipher.update(plain)
  const last = cipher.final()
  const encrypted = new Uint8Array(body.length + last.length)
  encrypted.set(body)
  encrypted.set(last, body.length)
  const derivation = derSequence(
    derObjectIdentifier('1.2.840.113549.1.5.12'),
    derSequence(
      derOctetString(salt),
      derInteger(iterations),
      derSequence(derObjectIdentifier('1.2.840.113549.2.9'), derNull()),
    ),
  )
  const encryption = derSequence(derObjectIdentifier('2.16.840.1.101.3.4.1.42'), derOctetString(iv))
  return {
    algorithm: derSequence(derObjectIdentifier('1.2.840.113549.1.5.13'), derSequence(derivation, encryption)),
    encrypted,
  }
}

function dataContent(content: Der): Der {
  return derSequence(derObjectIdentifier(data), derContextConstructed(0, derOctetString(content)))
}

function encryptedContent({ algorithm, encrypted }: Sealed): Der {
  const info = derSequence(derObjectIdentifier(data), algorithm, derContextPrimitive(0, encrypted))
  return derSequence(
    derObjectIdentifier('1.2.840.113549.1.7.6'),
    derContextConstructed(0, derSequence(derInteger(0), info)),
  )
}

/** What ties the key to the leaf: `localKeyId`, and the name if there is one. */
function bagAttributes(leaf: Uint8Array, friendlyName: string | undefined): Der {
  const localKeyId = derSequence(
    derObjectIdentifier('1.2.840.113549.1.9.21'),
    derSetOf(derOctetString(createHash('sha1').update(leaf).digest())),
  )
  if (friendlyName === undefined) return derSetOf(localKeyId)
  const name = derSequence(
    derObjectIdentifier('1.2.840.113549.1.9.20'),
    derSetOf(derElement(0x1e, utf16(friendlyName))),
  )
  return derSetOf(localKeyId, name)
}

function macData(authenticatedSafe: Uint8Array, password: string, salt: Uint8Array, iterations: number): Der {
  const key = pkcs12MacKey(password, salt, iterations)
  const digest = createHmac('sha256', key).update(authenticatedSafe).digest()
  const digestInfo = derSequence(
    derSequence(derObjectIdentifier('2.16.840.1.101.3.4.2.1'), derNull()),
    derOctetString(digest),
  )
  return derSequence(digestInfo, derOctetString(salt), derInteger(iterations))
}

/** RFC 7292 appendix B.2 with SHA-256, for ID 3; one round of it yields the 32 octets that HMAC-SHA-256 takes. */
function pkcs12MacKey(password: string, salt: Uint8Array, iterations: number): Uint8Array {
  const input = new Uint8Array([
    ...new Uint8Array(hashBlockOctets).fill(3),
    ...filled(salt),
    ...filled(Uint8Array.of(...utf16(password), 0, 0)),
  ])
  let key = createHash('sha256').update(input).digest()
  for (let round = 1; round < iterations; round++) key = createHash('sha256').update(key).digest()
  return key
}

/** Repeated until it fills a whole number of hash blocks. */
function filled(octets: Uint8Array): Uint8Array {
  const length = hashBlockOctets * Math.ceil(octets.length / hashBlockOctets)
  return Uint8Array.from({ length }, (_, at) => octets[at % octets.length] ?? 0)
}

const data = '1.2.840.113549.1.7.1'
const certBag = '1.2.840.113549.1.12.10.1.3'
const pkcs8ShroudedKeyBag = '1.2.840.113549.1.12.10.1.2'
const x509Certificate = '1.2.840.113549.1.9.22.1'

const keyOctets = 32
const blockOctets = 16
const hashBlockOctets = 64
const saltOctets = 16
/** What a developer does not notice (about 0.2 s) and a guesser does. */
const defaultIterations = 100_000
