import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** What has been accepted elsewhere. `key` is one that is registered or published; `real` signs with its private half. */
export function forgeries(
  claims: object,
  key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  real: (key: KeyObject) => Signature,
  more: object = {},
): readonly (readonly [string, string])[] {
  const alg = key.publicKey.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256'
  const own = { alg, kid: 'k', ...more }
  const pem = key.publicKey.export({ format: 'pem', type: 'spki' })
  const der = key.publicKey.export({ format: 'der', type: 'spki' })
  const jwk = attacker.publicKey.export({ format: 'jwk' })
  const empty = (): Buffer => Buffer.alloc(0)
  const size =
    (octets: number, value = 0) =>
    (): Buffer =>
      Buffer.alloc(octets, value)
  const good = real(key.privateKey)
  return [
    ...['none', 'None', 'NONE', 'nOnE', '', 'HS256 ', 'ES256\0', 'ES256K', 'dir', 'RSA1_5'].map(
      (name) => [`alg ${JSON.stringify(name)}`, jws({ ...own, alg: name }, claims, empty)] as const,
    ),
    ...[pem, der, JSON.stringify(key.publicKey.export({ format: 'jwk' })), ''].map(
      (secret, index) =>
        [
          `HS256 under the public key, form ${index}`,
          jws({ ...own, alg: 'HS256' }, claims, (input) => createHmac('sha256', secret).update(input).digest()),
        ] as const,
    ),
    ['a key in the header', jws({ ...own, alg: 'ES256', jwk }, claims, es256(attacker.privateKey))],
    [
      'a key in the header, without kid',
      jws({ alg: 'ES256', ...more, kid: undefined, jwk }, claims, es256(attacker.privateKey)),
    ],
    [
      'the address of a key',
      jws({ ...own, alg: 'ES256', jku: 'https://evil.test/jwks' }, claims, es256(attacker.privateKey)),
    ],
    ['kid that is a path', jws({ ...own, kid: '../../../../dev/null' }, claims, empty)],
    ['kid that is no text', jws({ ...own, kid: { toString: 'k' } }, claims, good)],
    ['an unknown critical header', jws({ ...own, crit: ['exp'], exp: 1 }, claims, good)],
    ['an empty list of critical headers', jws({ ...own, crit: [] }, claims, good)],
    ['critical headers that are no list', jws({ ...own, crit: '' }, claims, good)],
    ['r = s = 0', jws({ ...own, alg: 'ES256' }, claims, size(64))],
    ['r = s = 2^256 - 1', jws({ ...own, alg: 'ES256' }, claims, size(64, 255))],
    ['r = s = 0 in DER', jws({ ...own, alg: 'ES256' }, claims, () => Buffer.from('3006020100020100', 'hex'))],
    [
      'a signature in DER',
      jws({ ...own, alg: 'ES256' }, claims, (input) => sign('sha256', Buffer.from(input), attacker.privateKey)),
    ],
    ['no signature', jws(own, claims, empty)],
    ['a signature over other claims', tampered(jws(own, claims, good))],
    ['two parts', jws(own, claims, empty).split('.').slice(0, 2).join('.')],
    ['five parts, as of a JWE', `${part({ alg: 'RSA1_5', enc: 'A128CBC-HS256', zip: 'DEF' })}.AA.AA.AA.AA`],
    ['the JSON form', JSON.stringify({ payload: part(claims), protected: part(own), signature: 'AA' })],
    ['padding in a part', `${jws(own, claims, good)}=`],
    ['base64 instead of base64url', `${jws(own, claims, good)}+/`],
  ]
}

export type Signature = (input: string) => Buffer

/** ECDSA over P-256, as a JWS has it. */
export function es256(key: KeyObject): Signature {
  return (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
}

/** RSASSA-PKCS1-v1_5 with SHA-256. */
export function rs256(key: KeyObject): Signature {
  return (input) => sign('sha256', Buffer.from(input), key)
}

/** A compact JWS. */
export function jws(header: object, claims: object, signature: Signature): string {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${signature(input).toString('base64url')}`
}

/** One part of it. */
export function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The claims changed under a signature that was good. */
function tampered(text: string): string {
  const [header = '', payload = '', signature = ''] = text.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return `${header}.${part({ ...claims, x: 1 })}.${signature}`
}
