import { contextConstructed, type DerReader, DerReader as Reader, NULL, SEQUENCE } from '../der/der-reader.ts'

/** How something was signed. */
export interface SignatureAlgorithm {
  /** `ecdsa-sha256`, `rsa-sha256`, `rsa-pss-sha256`, `ed25519`, `ml-dsa-44`, …, or the dotted identifier when unknown. */
  readonly name: string
  /** The key algorithm it needs; undefined for an unknown algorithm or unknown parameters. */
  readonly key: string | undefined
  /** Digest name; null where the algorithm has its own. */
  readonly digest: string | null
  /** For RSASSA-PSS. */
  readonly saltLength?: number
}

/** Reads an AlgorithmIdentifier of a signature. RFC 4055, RFC 5758, RFC 8410, RFC 9881. */
export function signatureAlgorithm(reader: DerReader, limit: number): SignatureAlgorithm {
  const end = reader.enter(SEQUENCE, limit)
  const oid = reader.objectIdentifier(end)
  const parameters = reader.peek(end)
  if (parameters !== -1) reader.skip(end)
  const octets = parameters === -1 ? undefined : reader.element()
  const isNull = parameters === NULL && octets?.length === 2
  reader.leave(end)
  if (oid === RSASSA_PSS) return pss(octets)
  const known = ALGORITHMS[oid]
  if (known === undefined) return { name: oid, key: undefined, digest: null }
  if (parameters !== -1 && !(known.key === 'rsa' && isNull))
    return { name: known.name, key: undefined, digest: known.digest }
  return known
}

/** RFC 4055 §3.1, with the digest of the mask generation equal to the digest of the message. */
function pss(parameters: Uint8Array | undefined): SignatureAlgorithm {
  const unknown: SignatureAlgorithm = { name: 'rsa-pss', key: undefined, digest: null }
  if (parameters === undefined) return unknown
  const reader = new Reader(parameters)
  const end = reader.enter(SEQUENCE, parameters.length)
  let digest = ''
  let mask = ''
  let saltLength = 20
  if (reader.peek(end) === contextConstructed(0)) {
    const limit = reader.enter(contextConstructed(0), end)
    digest = digestOf(reader, limit)
    reader.leave(limit)
  }
  if (reader.peek(end) === contextConstructed(1)) {
    const limit = reader.enter(contextConstructed(1), end)
    const endOfMask = reader.enter(SEQUENCE, limit)
    if (reader.objectIdentifier(endOfMask) === MGF1) mask = digestOf(reader, endOfMask)
    reader.leave(endOfMask)
    reader.leave(limit)
  }
  if (reader.peek(end) === contextConstructed(2)) {
    const limit = reader.enter(contextConstructed(2), end)
    saltLength = reader.smallInteger(limit, MAXIMUM_SALT)
    reader.leave(limit)
  }
  if (reader.peek(end) === contextConstructed(3)) {
    const limit = reader.enter(contextConstructed(3), end)
    if (reader.smallInteger(limit) !== TRAILER_FIELD_BC) reader.refuse('value_not_allowed')
    reader.leave(limit)
  }
  reader.leave(end)
  if (reader.failure !== undefined || digest === '' || digest !== mask) return unknown
  return { name: `rsa-pss-${digest}`, key: 'rsa', digest, saltLength }
}

function digestOf(reader: DerReader, limit: number): string {
  const end = reader.enter(SEQUENCE, limit)
  const oid = reader.objectIdentifier(end)
  if (reader.peek(end) === NULL) reader.skip(end)
  reader.leave(end)
  return DIGESTS[oid] ?? ''
}

const RSASSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'
const MAXIMUM_SALT = 512
/** The only value there is. RFC 4055 §3.1 wants it understood where it is written out, which DER would not do. */
const TRAILER_FIELD_BC = 1

const DIGESTS: { readonly [oid: string]: string } = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const ALGORITHMS: { readonly [oid: string]: SignatureAlgorithm } = {
  '1.2.840.113549.1.1.4': { name: 'rsa-md5', key: 'rsa', digest: 'md5' },
  '1.2.840.113549.1.1.5': { name: 'rsa-sha1', key: 'rsa', digest: 'sha1' },
  '1.2.840.113549.1.1.11': { name: 'rsa-sha256', key: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { name: 'rsa-sha384', key: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { name: 'rsa-sha512', key: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.1': { name: 'ecdsa-sha1', key: 'ec', digest: 'sha1' },
  '1.2.840.10045.4.3.2': { name: 'ecdsa-sha256', key: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { name: 'ecdsa-sha384', key: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { name: 'ecdsa-sha512', key: 'ec', digest: 'sha512' },
  '1.3.101.112': { name: 'ed25519', key: 'ed25519', digest: null },
  '1.3.101.113': { name: 'ed448', key: 'ed448', digest: null },
  '2.16.840.1.101.3.4.3.17': { name: 'ml-dsa-44', key: 'ml-dsa-44', digest: null },
  '2.16.840.1.101.3.4.3.18': { name: 'ml-dsa-65', key: 'ml-dsa-65', digest: null },
  '2.16.840.1.101.3.4.3.19': { name: 'ml-dsa-87', key: 'ml-dsa-87', digest: null },
}
