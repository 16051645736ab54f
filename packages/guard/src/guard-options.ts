import { X509Certificate } from 'node:crypto'

import { jwsAlgorithms, resourcePolicy } from '@holdfast/core'
import type { Clock, ResourceAccessToken, ResourcePolicy, SigningAlgorithm } from '@holdfast/core'
import { certificateHeaderPresets, certificateHeaderSettings } from '@holdfast/edge'
import type { CertificateHeaderPresetName } from '@holdfast/edge'

import { createProofMemory } from './dpop/proof-memory.ts'
import { firstUseHere } from './dpop/proven-key.ts'
import type { DpopSettings } from './dpop/proven-key.ts'
import type { TlsIdentity } from './http/json-request.ts'
import { isHttpsUrl } from './metadata/issuer-metadata.ts'
import type { Refusal } from './refusal.ts'
import type { CertificateSource, ProxyProof } from './request-facts/certificate-source.ts'

/** Where the certificate of a request comes from. */
export type CertificateOption =
  /** From our own handshake: `node:https` or `node:http2` with `requestCert: true, rejectUnauthorized: false`. */
  | { readonly from: 'tls' }
  /** Handed over with each `Request` by the caller, who has it from his TLS layer. */
  | { readonly from: 'caller' }
  /** From the header that this kind of proxy writes, when the proxy is proven. */
  | {
      readonly from: CertificateHeaderPresetName
      readonly proof: ProxyProof
      /** Another name than the preset's. */
      readonly header?: string
      readonly chainHeader?: string
      readonly verdictHeader?: string
    }

/** How opaque tokens are looked up (RFC 7662). */
export interface IntrospectionOptions {
  readonly clientId: string
  /** PEM: the API authenticates by certificate, over the mTLS alias when there is one (RFC 8705 §5). */
  readonly certificate?: { readonly cert: string; readonly key: string }
  /** The API authenticates by `client_secret_basic`. */
  readonly clientSecret?: string
  /** When absent: what the issuer's metadata says. */
  readonly endpoint?: string
  /**
   * Seconds for which an answer is believed without asking again, 0 by default.
   *
   * What it costs: a token that is revoked, or whose client is disabled, goes on working here for up to that long. Expiry,
   * certificate and `isRevoked` are still checked at every request.
   */
  readonly cacheSeconds?: number
}

/** How DPoP proofs are taken. */
export interface DpopOptions {
  /** Where clients reach this API, such as `https://api.example.com`, with the path that a proxy takes away. */
  readonly origin: string
  /** Signature algorithms of proofs; all that are sound by default. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /**
   * Takes the `jti` of a proof: `true` for the first time until `until` (epoch seconds), in all processes. When absent: within
   * this process only, so that a proof may pass once in each. An error refuses the request with 503.
   */
  readonly firstUse?: (key: string, jti: string, until: number) => boolean | Promise<boolean>
}

/** What {@link createGuard} takes. `issuer`, `audience` and `certificate` are always needed. */
export interface GuardOptions {
  /** The only authorization server whose tokens count, exactly as it calls itself. */
  readonly issuer: string
  /** The names of this API; a token must be for one of them. */
  readonly audience: string | readonly string[]
  readonly certificate: CertificateOption
  /**
   * `required`, the default: a token that is not bound to a certificate is refused. `if_bound`: such a token passes as a
   * bearer token. A bound token needs its certificate with both.
   *
   * `dangerously_report_only`, for an API whose callers bring bearer tokens so far: nothing is refused for its binding. A token
   * passes that is not bound, or that came without its certificate or key, or with another; `onWouldRefuse`, which is needed
   * then, is told of each. Until this is `required` again, whoever has stolen a token may use it.
   */
  readonly binding?: ResourcePolicy['binding']
  /**
   * Takes tokens that are bound by DPoP (RFC 9449), too. Without it such a token is refused, as a token bound to a
   * certificate is without its certificate.
   */
  readonly dpop?: DpopOptions
  /** Scope that every token must have. */
  readonly scope?: string | readonly string[]
  /** `jwt`, the default; `opaque`: every token is introspected; `jwt_or_opaque`: what is no JWT is introspected. */
  readonly tokens?: 'jwt' | 'opaque' | 'jwt_or_opaque'
  /** Needed for opaque tokens. */
  readonly introspection?: IntrospectionOptions
  /** Where the issuer's keys are, when not where its metadata says: another address, or the JWK Set itself. */
  readonly keys?: { readonly jwksUri: string } | { readonly jwks: unknown }
  /** Signature algorithms that are accepted; all that are sound by default. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** Accepted `typ` of a JWT; `['at+jwt']` by default (RFC 9068 §4). */
  readonly types?: readonly string[]
  /** Seconds by which the issuer's clock and ours may differ; 10 by default. */
  readonly clockSkew?: number
  /** Whom to trust as authorization server, PEM. When absent: the authorities that Node trusts. */
  readonly ca?: string | readonly string[]
  /** Asked at every request, cached token or not: has this token been revoked? An error refuses the request with 503. */
  readonly isRevoked?: (token: ResourceAccessToken) => boolean | Promise<boolean>
  /** Told of every refusal, with reason, facts and correlation id. */
  readonly onRefusal?: (refusal: Refusal) => void
  /**
   * With `if_bound` and `dangerously_report_only`: told of each request that `required` would have refused, which passes all the
   * same. For moving from bearer to bound tokens; `status` is the one that the request would have got.
   */
  readonly onWouldRefuse?: (refusal: Refusal) => void
  /** Name of the protection space in the challenge. */
  readonly realm?: string
  /** URL of the protected resource metadata, for the challenge (RFC 9728 §5.1). */
  readonly resourceMetadata?: string
  /** Bounds of the memory of verified tokens. */
  readonly cache?: { readonly entries?: number; readonly bytes?: number }
  readonly clock?: Clock
}

/** The options, checked, with every default in its place. */
export interface GuardSettings {
  readonly policy: ResourcePolicy
  readonly dpop: DpopSettings | undefined
  readonly source: CertificateSource
  readonly tokens: 'jwt' | 'opaque' | 'jwt_or_opaque'
  readonly algorithms: readonly SigningAlgorithm[]
  readonly keys: { readonly jwksUri: string | undefined } | { readonly jwks: unknown }
  readonly introspection: IntrospectionOptions | undefined
  readonly identity: TlsIdentity
  readonly isRevoked: ((token: ResourceAccessToken) => boolean | Promise<boolean>) | undefined
  readonly onRefusal: (refusal: Refusal) => void
  readonly onWouldRefuse: ((refusal: Refusal) => void) | undefined
  readonly realm: string | undefined
  readonly resourceMetadata: string | undefined
  readonly cache: { readonly entries: number; readonly bytes: number }
  readonly clock: Clock
}

/**
 * Checks the options and puts in the defaults.
 *
 * @throws TypeError that names every problem with its path
 */
export function guardSettings(options: GuardOptions): GuardSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('guard options: must be an object')
  const given = options as unknown as Readonly<Partial<Record<string, unknown>>>
  const problems: string[] = []
  for (const name of Object.keys(given)) {
    if (!KNOWN.includes(name)) problems.push(`${name} is not an option; there are ${KNOWN.join(', ')}`)
  }
  if (!isHttpsUrl(given['issuer']) || /[?#]/.test(options.issuer)) {
    problems.push('issuer must be an https URL without query and fragment')
  }
  const audience = texts(given, 'audience', problems) ?? []
  if (audience.length === 0) problems.push('audience must name this API, as tokens do')
  audience.forEach((name, index) => {
    if (!URL.canParse(name)) problems.push(`audience[${index}] must be an absolute URI, got "${name}"`)
  })
  const scope = texts(given, 'scope', problems)?.flatMap((text) => text.split(' ').filter((name) => name !== ''))
  const types = texts(given, 'types', problems)?.map((type) => type.toLowerCase().replace(/^application\//, ''))
  const algorithms = texts(given, 'algorithms', problems) ?? jwsAlgorithms
  algorithms.forEach((name, index) => {
    if (!jwsAlgorithms.includes(name as SigningAlgorithm)) {
      problems.push(`algorithms[${index}] must be one of ${jwsAlgorithms.join(', ')}, got "${name}"`)
    }
  })
  oneOf(given, 'binding', ['required', 'if_bound', 'dangerously_report_only'], problems)
  if (given['binding'] === 'dangerously_report_only' && given['onWouldRefuse'] === undefined) {
    problems.push('binding dangerously_report_only needs onWouldRefuse: else nobody would be told')
  }
  oneOf(given, 'tokens', ['jwt', 'opaque', 'jwt_or_opaque'], problems)
  amount(given, 'clockSkew', 0, LARGEST_SKEW, problems)
  const cache = (given['cache'] ?? {}) as Readonly<Record<string, unknown>>
  for (const name of ['entries', 'bytes']) amount(cache, name, 0, Number.MAX_SAFE_INTEGER, problems, 'cache.')
  for (const name of ['isRevoked', 'onRefusal', 'onWouldRefuse']) {
    if (given[name] !== undefined && typeof given[name] !== 'function') problems.push(`${name} must be a function`)
  }
  for (const name of ['realm', 'resourceMetadata']) {
    if (given[name] !== undefined && typeof given[name] !== 'string') problems.push(`${name} must be a string`)
  }
  const source = certificateSource(options.certificate, problems)
  const keys = issuerKeys(options.keys, problems)
  const ca = authorities(options.ca, problems)
  const introspection = introspectionOptions(options, problems)
  const clock = options.clock ?? { now: () => Math.floor(Date.now() / 1000) }
  const dpop = dpopSettings(options.dpop, clock, problems)

  if (problems.length > 0 || source === undefined) throw new TypeError(`guard options: ${problems.join('; ')}`)
  return {
    policy: resourcePolicy({
      issuer: options.issuer,
      audience,
      ...(scope === undefined ? {} : { scope }),
      ...(types === undefined ? {} : { types }),
      ...(options.binding === undefined ? {} : { binding: options.binding }),
      ...(options.clockSkew === undefined ? {} : { clockSkew: options.clockSkew }),
    }),
    source,
    tokens: options.tokens ?? 'jwt',
    algorithms: algorithms as readonly SigningAlgorithm[],
    keys,
    introspection,
    identity: { ca, certificate: introspection?.certificate },
    isRevoked: options.isRevoked,
    onRefusal: options.onRefusal ?? (() => undefined),
    onWouldRefuse: options.onWouldRefuse,
    realm: options.realm,
    resourceMetadata: options.resourceMetadata,
    cache: { entries: options.cache?.entries ?? CACHE_ENTRIES, bytes: options.cache?.bytes ?? CACHE_BYTES },
    clock,
    dpop,
  }
}

const KNOWN: readonly string[] = [
  ...[
    'issuer',
    'audience',
    'certificate',
    'binding',
    'dpop',
    'scope',
    'tokens',
    'introspection',
    'keys',
    'algorithms',
    'types',
  ],
  ...['clockSkew', 'ca', 'isRevoked', 'onRefusal', 'onWouldRefuse', 'realm', 'resourceMetadata', 'cache', 'clock'],
]

function dpopSettings(option: DpopOptions | undefined, clock: Clock, problems: string[]): DpopSettings | undefined {
  if (option === undefined) return undefined
  const { origin, algorithms = jwsAlgorithms, firstUse } = option
  if (!isHttpsUrl(origin) || /[?#]|\/$/.test(origin)) {
    problems.push('dpop.origin must be an https URL without query, fragment and slash at its end')
  }
  if (!Array.isArray(algorithms) || !algorithms.every((name) => jwsAlgorithms.includes(name as SigningAlgorithm))) {
    problems.push(`dpop.algorithms must be some of ${jwsAlgorithms.join(', ')}`)
  }
  if (firstUse !== undefined && typeof firstUse !== 'function') problems.push('dpop.firstUse must be a function')
  return { origin, algorithms, firstUse: firstUse ?? firstUseHere(createProofMemory(), () => clock.now()) }
}

function certificateSource(option: CertificateOption | undefined, problems: string[]): CertificateSource | undefined {
  const from = option?.from
  if (option === undefined || from === undefined) {
    problems.push("certificate must say where it comes from: { from: 'tls' } or a proxy's preset with its proof")
    return undefined
  }
  if (option.from === 'tls' || option.from === 'caller') return { from: option.from }
  if (!Object.hasOwn(certificateHeaderPresets, option.from)) {
    const names = Object.keys(certificateHeaderPresets).join(', ')
    problems.push(`certificate.from must be tls, caller or one of ${names}, got "${String(from)}"`)
    return undefined
  }
  const { proof, ...header } = option
  if (!isProof(proof, problems)) return undefined
  try {
    const settings = certificateHeaderSettings(header, 'certificate')
    return {
      from: 'header',
      settings,
      proof: proof === 'unix-socket' ? proof : { ...proof, secretHeader: proof.secretHeader.toLowerCase() },
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function isProof(proof: ProxyProof | undefined, problems: string[]): proof is ProxyProof {
  if (proof === 'unix-socket') return true
  if (
    typeof proof !== 'object' ||
    proof === null ||
    typeof proof.secretHeader !== 'string' ||
    !Array.isArray(proof.secrets)
  ) {
    problems.push(
      "certificate.proof must say how the proxy is known: 'unix-socket' or { secretHeader, secrets }; " +
        'without it anyone could write the header',
    )
    return false
  }
  const secrets: readonly unknown[] = proof.secrets
  if (secrets.length < 1 || secrets.length > 2)
    problems.push('certificate.proof.secrets must be one secret, or two while rotating')
  secrets.forEach((secret, index) => {
    if (typeof secret !== 'string' || secret.length < SHORTEST_SECRET) {
      problems.push(`certificate.proof.secrets[${index}] must have ${SHORTEST_SECRET} characters or more`)
    }
  })
  return true
}

function issuerKeys(option: GuardOptions['keys'], problems: string[]): GuardSettings['keys'] {
  if (option === undefined) return { jwksUri: undefined }
  if ('jwks' in option) return option
  if (!isHttpsUrl(option.jwksUri)) problems.push('keys must be { jwksUri } with an https URL, or { jwks }')
  return option
}

function authorities(option: GuardOptions['ca'], problems: string[]): TlsIdentity['ca'] {
  const list: readonly unknown[] = option === undefined ? [] : typeof option === 'string' ? [option] : option
  list.forEach((pem, index) => {
    try {
      new X509Certificate(pem as string)
    } catch {
      problems.push(`ca[${index}] must be a certificate in PEM`)
    }
  })
  return option
}

function introspectionOptions(options: GuardOptions, problems: string[]): IntrospectionOptions | undefined {
  const { introspection, tokens = 'jwt' } = options
  if (introspection === undefined) {
    if (tokens !== 'jwt') problems.push(`introspection is needed for tokens '${tokens}'`)
    return undefined
  }
  if (tokens === 'jwt') problems.push("tokens must be 'opaque' or 'jwt_or_opaque' for introspection to be used")
  if (typeof introspection.clientId !== 'string' || introspection.clientId === '') {
    problems.push('introspection.clientId must be a non-empty string')
  }
  if ((introspection.certificate === undefined) === (introspection.clientSecret === undefined)) {
    problems.push('introspection must have either certificate or clientSecret')
  }
  if (introspection.endpoint !== undefined && !isHttpsUrl(introspection.endpoint)) {
    problems.push('introspection.endpoint must be an https URL')
  }
  const members = introspection as unknown as Readonly<Record<string, unknown>>
  amount(members, 'cacheSeconds', 0, LONGEST_INTROSPECTION, problems, 'introspection.')
  return introspection
}

function texts(
  given: Readonly<Partial<Record<string, unknown>>>,
  name: string,
  problems: string[],
): readonly string[] | undefined {
  const value = given[name]
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!list.every((text) => typeof text === 'string')) {
    problems.push(`${name} must be a string or a list of strings`)
    return undefined
  }
  return list
}

function oneOf(
  given: Readonly<Partial<Record<string, unknown>>>,
  name: string,
  values: readonly string[],
  problems: string[],
): void {
  const value = given[name]
  if (value !== undefined && !(typeof value === 'string' && values.includes(value))) {
    problems.push(`${name} must be ${values.map((one) => `'${one}'`).join(' or ')}`)
  }
}

function amount(
  given: Readonly<Partial<Record<string, unknown>>>,
  name: string,
  least: number,
  most: number,
  problems: string[],
  path = '',
): void {
  const value = given[name]
  if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) return
  problems.push(`${path}${name} must be a number from ${least} to ${most}`)
}

// A service sees its few thousand clients again and again; a token with its claims takes about 4 KB.
const CACHE_ENTRIES = 10_000
const CACHE_BYTES = 32 * 1024 * 1024
// Beyond a minute it is no skew but a wrong clock (FAPI 2.0 §5.3.2.1).
const LARGEST_SKEW = 60
const LONGEST_INTROSPECTION = 300
const SHORTEST_SECRET = 32
