import { constants, createHash, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { KeyObject, SignKeyObjectInput } from 'node:crypto'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'

/** What one run of a test plan is about. */
export interface FapiVariant {
  readonly profile: 'fapi2' | 'fapi2-message-signing' | 'fapi1-advanced' | 'brazil'
  readonly clientAuth: 'tls_client_auth' | 'self_signed_tls_client_auth' | 'private_key_jwt'
  /** What tokens are bound to. */
  readonly senderConstrain: 'mtls' | 'dpop'
  /** Who has the profile: the server, or each client on a server without one. */
  readonly profileOf: 'server' | 'clients'
  /** How requests travel: pushed as they are, pushed as a signed object, or as a signed object through the browser. */
  readonly requests: 'pushed' | 'signed_pushed' | 'signed_by_value'
  /** Laid over every request. */
  readonly parameters: Readonly<Record<string, string>>
  /** Laid over the registration of each client. */
  readonly registered?: Readonly<Record<string, unknown>>
}

export interface FapiClient {
  readonly id: string
  readonly redirectUri: string
  readonly certificate: TestCertificate
  /** What it signs request objects and assertions with. */
  readonly key: KeyObject
  readonly kid: string
  readonly alg: 'ES256' | 'PS256'
  /** Registered too, for whatever RSA can do. */
  readonly rsaKey: KeyObject
  readonly rsaKid: string
  readonly dpopKey: KeyObject
}

/** How a client shows who it is, and what it has. */
export interface ShownBy {
  /** Another client's certificate, and its keys, under this client's name. */
  readonly as?: FapiClient
  /** Without authentication; or the claims of its assertion are changed, and how it is signed. */
  readonly authentication?: 'none' | { readonly claims?: Changes; readonly signing?: SigningOptions }
  /** Without certificate or DPoP proof, whatever binds tokens; or the proof is changed. */
  readonly possession?: 'none' | ProofChanges
}

export interface ProofChanges extends SigningOptions {
  readonly claims?: Changes
  /** What is sent instead of the proof. */
  readonly sent?: (proof: string) => string | readonly string[]
}

/** Parameters to add, to change, or with `undefined` to leave out. */
export type Changes = Readonly<Record<string, unknown>>

export interface SigningOptions {
  readonly header?: Readonly<Record<string, unknown>>
  readonly key?: KeyObject
}

export type UnissuedClient = Omit<FapiClient, 'certificate'> & { readonly certificate: TestCertificate | undefined }

/** A client, whose certificate by a CA the server's authority issues later. */
export function fapiClient(id: string, { clientAuth, profile }: FapiVariant): UnissuedClient {
  const alg = profile === 'brazil' ? 'PS256' : 'ES256'
  return {
    id,
    redirectUri: `https://${id}.test/callback?a=b`,
    certificate:
      clientAuth === 'self_signed_tls_client_auth' ? createSelfSignedCertificate({ commonName: id }) : undefined,
    key: signingKey(alg),
    kid: `${id}-key`,
    alg,
    rsaKey: signingKey('PS256'),
    rsaKid: `${id}-rsa`,
    dpopKey: signingKey('ES256'),
  }
}

/** A key of nobody. */
export function signingKey(alg: FapiClient['alg']): KeyObject {
  return alg === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

export function registration(client: UnissuedClient, variant: FapiVariant): object {
  const jwk = (key: KeyObject, more: object): object => ({ ...createPublicKey(key).export({ format: 'jwk' }), ...more })
  const signing = jwk(client.key, { kid: client.kid, use: 'sig', alg: client.alg })
  const rsa = jwk(client.rsaKey, { kid: client.rsaKid, use: 'sig' })
  const { certificate } = client
  const { clientAuth, senderConstrain, profile, profileOf } = variant
  return {
    client_id: client.id,
    ...(profileOf === 'clients' ? { profile } : {}),
    token_endpoint_auth_method: clientAuth,
    ...(clientAuth === 'tls_client_auth' ? { tls_client_auth_san_dns: `${client.id}.test`, trust: 'partners' } : {}),
    jwks: { keys: [...(certificate === undefined ? [] : [certified(certificate)]), signing, rsa] },
    ...(senderConstrain === 'dpop'
      ? { dpop_bound_access_tokens: true }
      : { tls_client_certificate_bound_access_tokens: true }),
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: profile === 'fapi1-advanced' || profile === 'brazil' ? ['code', 'code id_token'] : ['code'],
    redirect_uris: [client.redirectUri],
    scope: 'openid profile orders:read orders:write',
    ...variant.registered,
  }
}

function certified({ pem, der }: TestCertificate): object {
  const x5c = [Buffer.from(der).toString('base64')]
  return { ...createPublicKey(pem).export({ format: 'jwk' }), kid: 'certificate', x5c }
}

export function textOf(parameters: Changes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  )
}

/** A client assertion (RFC 7523 §2.2) under the name of one client, with the key of `as`. */
export function assertion(
  client: FapiClient,
  as: FapiClient,
  now: number,
  {
    claims = {},
    signing: { header = {}, key = as.key } = {},
  }: Exclude<ShownBy['authentication'], 'none' | undefined> = {},
): Readonly<Record<string, string>> {
  const usual = { iss: client.id, sub: client.id, aud: 'https://as.test', iat: now, exp: now + 60, jti: randomUUID() }
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed({ alg: as.alg, kid: as.kid, ...header }, { ...usual, ...claims }, key),
  }
}

/** RFC 7638 of a key on P-256. */
export function jwkThumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

/** A compact JWS by what the header says, with an empty signature for `none`. */
export function signed(header: Readonly<Record<string, unknown>>, claims: object, key: KeyObject): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (header['alg'] === 'none') return `${input}.`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  const how = { ES256: { dsaEncoding: 'ieee-p1363' }, PS256: pss, RS256: {} }[String(header['alg'])] ?? {}
  const signature = sign('sha256', Buffer.from(input), { key, ...how } as SignKeyObjectInput)
  return `${input}.${signature.toString('base64url')}`
}
