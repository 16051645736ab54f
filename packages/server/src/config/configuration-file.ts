import * as z from 'zod'
import { defaults } from './defaults.ts'

/** A length of time as written in the file: whole seconds, or a number with `s`, `m`, `h` or `d`. */
export type DurationText = number | string

/** One certificate chain (PEM, leaf first) and its private key (PEM), as paths. */
export interface TlsFile {
  readonly certificate: string
  readonly key: string
}

export interface HostFile {
  readonly role: 'main' | 'mtls'
  /** A certificate of this name's own, where the listener's does not fit. */
  readonly tls?: TlsFile
}

export interface ClientCertificateFile {
  readonly from: string
  readonly header?: string
  readonly 'proxy-secret'?: string
  readonly 'proxy-secret-file'?: string
  readonly 'proxy-secret-header': string
  readonly 'proxy-certificate'?:
    { readonly thumbprints: readonly string[] } | { readonly trust: string; readonly name: string }
  readonly 'chain-header'?: string
  readonly 'verdict-header'?: string
  readonly verdict: 'optional' | 'required'
  readonly 'xfcc-element': 'only' | 'first' | 'last'
  readonly 'dangerously-trust-addresses'?: readonly string[]
}

export interface ListenerFile {
  readonly address: string
  readonly tls?: TlsFile
  readonly hosts?: readonly string[]
  readonly 'client-certificate'?: ClientCertificateFile
  readonly 'proxy-protocol': 'off' | 'v1' | 'v2' | 'v1-or-v2'
  readonly 'client-address-header'?: string
  readonly 'without-server-name': 'refuse' | 'main'
  readonly 'socket-mode': string
}

export interface TrustFile {
  readonly anchors: readonly string[]
  readonly intermediates: readonly string[]
  readonly 'extended-key-usage': 'require' | 'if_present' | 'server_auth_too'
  readonly profile: 'interop' | 'strict'
  readonly revocation?: RevocationFile
}

export interface RevocationFile {
  readonly mode?: 'off' | 'soft' | 'hard'
  readonly 'when-unknown'?: 'refuse' | 'accept'
  readonly crl: readonly string[]
  readonly 'crl-distribution-points': 'follow' | 'ignore'
  readonly ocsp?: { readonly responder?: string | readonly string[]; readonly 'from-certificate': 'follow' | 'ignore' }
  readonly 'allowed-hosts': readonly string[]
  readonly 'private-addresses': readonly string[]
  readonly grace: DurationText
  readonly 'skip-if-lifetime-below': DurationText
  readonly refresh: DurationText
  readonly 'max-crl-bytes': number
}

/** The file after defaults, before paths and durations are resolved. Keys as written. */
export interface ConfigurationFile {
  readonly issuer: string
  readonly 'dangerously-allow-http-issuer': boolean
  readonly hosts: Readonly<Record<string, HostFile>>
  readonly listeners: readonly ListenerFile[]
  readonly trust: Readonly<Record<string, TrustFile>>
  readonly clients: readonly Readonly<Record<string, unknown>>[]
  readonly tokens: {
    readonly 'access-token-lifetime': DurationText
    readonly 'access-token-format': 'jwt' | 'opaque'
    readonly audience?: string
    readonly binding?: 'off' | 'if_present' | 'required'
  }
  readonly keys: {
    readonly algorithm: 'ES256' | 'EdDSA' | 'PS256' | 'RS256'
    readonly 'master-key-file'?: string
    readonly 'previous-master-key-files': readonly string[]
    readonly 'rotate-every': DurationText
    readonly 'publish-before': DurationText
    readonly 'keep-after': DurationText
  }
  readonly store: { readonly url: string; readonly 'busy-timeout': DurationText }
  readonly profile: 'default' | 'fapi2'
  readonly management: { readonly address: string }
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'; readonly destination: string }
  readonly audit: { readonly destination: string; readonly chain: 'off' | 'sha256' }
  readonly limits: {
    readonly workers: number
    readonly 'body-bytes': number
    readonly connections: number
    readonly handshakes: number
    readonly 'handshakes-per-address': number
    readonly 'handshake-timeout': DurationText
    readonly 'headers-timeout': DurationText
    readonly 'request-timeout': DurationText
    readonly 'keep-alive-timeout': DurationText
    readonly 'replay-entries': number
    readonly 'cached-certificates': number
    readonly 'jwks-uri-private-addresses': readonly string[]
  }
  readonly ui: {
    readonly 'service-documentation'?: string
    readonly 'policy-uri'?: string
    readonly 'tos-uri'?: string
  }
}

/** The schema of `holdfast.yaml`: what the file is checked by and what the published JSON Schema is made from. */
export function configurationFileSchema(): z.ZodType<ConfigurationFile> {
  const duration = z
    .union([z.int().min(0).max(3_155_760_000), z.string().regex(/^[0-9]{1,9}(s|m|h|d)$/, { error: durationText })], {
      error: durationText,
    })
    .describe(durationText)
  const text = z.string().min(1).max(4096)
  const path = text.describe('path of a file, from the directory of this file')
  const name = z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: 'a name of letters, digits, dots, dashes and underscores' })
  const signingAlgorithm = z.enum(['ES256', 'EdDSA', 'PS256', 'RS256'])
  const binding = z.enum(['off', 'if_present', 'required'])
  const tls = z.strictObject({ certificate: path, key: path })

  const listener = z.strictObject({
    address: text.describe('HOST:PORT, [IPV6]:PORT or unix:/path/of/socket'),
    tls: tls.exactOptional().describe('we end TLS ourselves with this certificate chain and key'),
    hosts: z.array(text).min(1).exactOptional().describe('the names served here; all hosts when absent'),
    'client-certificate': z
      .strictObject({
        from: text.describe('preset of the terminator in front: nginx, haproxy, apache, envoy, rfc9440, …'),
        header: text.exactOptional().describe('another header name than the preset has'),
        'proxy-secret': z.string().min(32).max(1024).exactOptional().describe('what the proxy proves itself by'),
        'proxy-secret-file': path.exactOptional(),
        'proxy-secret-header': z
          .string()
          .regex(/^[A-Za-z0-9-]{1,64}$/)
          .default(defaults.proxySecretHeader),
        'proxy-certificate': z
          .union(
            [
              z.strictObject({ thumbprints: z.array(text).min(1).describe('SHA-256, two while it is renewed') }),
              z.strictObject({ trust: name, name: text.describe('its DNS name or URI') }),
            ],
            { error: '{ thumbprints: […] } or { trust: …, name: … }' },
          )
          .exactOptional()
          .describe('the proxy shows this certificate to us, over the listener’s tls'),
        'chain-header': text.exactOptional().describe('another header for the chain than the preset has, or none'),
        'verdict-header': text.exactOptional(),
        verdict: z.enum(['optional', 'required']).default('optional'),
        'xfcc-element': z.enum(['only', 'first', 'last']).default('only'),
        'dangerously-trust-addresses': z
          .array(text)
          .min(1)
          .exactOptional()
          .describe('believe the header from these addresses without proof: anyone who can send from them is anyone'),
      })
      .exactOptional(),
    'proxy-protocol': z
      .enum(['off', 'v1', 'v2', 'v1-or-v2'])
      .default('off')
      .describe('the proxy sends it on every connection'),
    'client-address-header': text
      .exactOptional()
      .describe('header of a proven proxy whose last element is the client’s address'),
    'without-server-name': z
      .enum(['refuse', 'main'])
      .default('refuse')
      .describe('what takes a TLS client that names no server or an unknown one'),
    'socket-mode': z
      .string()
      .regex(/^0?[0-7]{3}$/)
      .default(defaults.socketMode),
  })

  const trust = z.strictObject({
    anchors: z.array(path).min(1),
    intermediates: z.array(path).default([]),
    'extended-key-usage': z.enum(['require', 'if_present', 'server_auth_too']).default('if_present'),
    profile: z.enum(['interop', 'strict']).default('interop'),
    revocation: z
      .strictObject({
        mode: z
          .enum(['off', 'soft', 'hard'])
          .exactOptional()
          .describe(
            'what becomes of a certificate when nobody can tell: accepted (soft) or refused (hard, the default)',
          ),
        'when-unknown': z
          .enum(['refuse', 'accept'])
          .exactOptional()
          .describe('the same in other words: refuse is mode hard, accept is mode soft'),
        crl: z.array(text).default([]).describe('files (read again when they change) and http or https URLs'),
        'crl-distribution-points': z
          .enum(['follow', 'ignore'])
          .default('ignore')
          .describe('whether to fetch the CRLs that certificates name'),
        ocsp: z
          .strictObject({
            responder: z.union([text, z.array(text).min(1)]).exactOptional(),
            'from-certificate': z.enum(['follow', 'ignore']).default('ignore'),
          })
          .exactOptional()
          .describe('asked about what no CRL tells'),
        'allowed-hosts': z
          .array(z.string().regex(/^[A-Za-z0-9._-]+(:[0-9]{1,5})?$/, { error: 'a host name, with :PORT if need be' }))
          .default([])
          .describe('where URLs out of certificates may lead'),
        'private-addresses': z
          .array(text)
          .default([])
          .describe('private addresses or networks that URLs out of certificates may lead to'),
        grace: duration.default(defaults.revocationGrace).describe('how long past its end an answer still counts'),
        'skip-if-lifetime-below': duration
          .default(defaults.skipIfLifetimeBelow)
          .describe('certificates that live shorter are not asked about'),
        refresh: duration.default(defaults.revocationRefresh).describe('the longest time between two looks'),
        'max-crl-bytes': z.int().min(1024).max(268_435_456).default(defaults.maximumCrlBytes),
      })
      .exactOptional(),
  })

  const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).catchall(z.unknown())
  const client = z.strictObject({
    client_id: z.string().min(1).max(256),
    client_name: text.exactOptional(),
    client_secret: z.string().min(1).max(1024).exactOptional(),
    client_secret_file: path.exactOptional(),
    client_secret_hash: text.exactOptional().describe('argon2id in PHC form, as printed by `holdfast client hash`'),
    token_endpoint_auth_method: z
      .enum([
        'tls_client_auth',
        'self_signed_tls_client_auth',
        'private_key_jwt',
        'client_secret_basic',
        'client_secret_post',
        'none',
      ])
      .exactOptional(),
    token_endpoint_auth_signing_alg: z.enum(['ES256', 'EdDSA', 'PS256', 'RS256']).exactOptional(),
    tls_client_auth_subject_dn: text.exactOptional(),
    tls_client_auth_san_dns: text.exactOptional(),
    tls_client_auth_san_uri: text.exactOptional(),
    tls_client_auth_san_ip: text.exactOptional(),
    tls_client_auth_san_email: text.exactOptional(),
    tls_client_certificate_bound_access_tokens: z.boolean().exactOptional(),
    jwks: keySet.exactOptional(),
    jwks_uri: text.exactOptional(),
    grant_types: z.array(text).exactOptional(),
    response_types: z.array(text).exactOptional(),
    redirect_uris: z.array(text).exactOptional(),
    scope: z.string().max(4096).exactOptional(),
    contacts: z.array(text).exactOptional(),
    client_uri: text.exactOptional(),
    logo_uri: text.exactOptional(),
    policy_uri: text.exactOptional(),
    tos_uri: text.exactOptional(),
    software_id: text.exactOptional(),
    software_version: text.exactOptional(),
    trust: name.exactOptional().describe('the trust that may vouch for this client'),
    binding: binding.exactOptional(),
    certificate_thumbprints: z.array(text).exactOptional().describe('x5t#S256 of pinned self-signed certificates'),
    access_token_format: z.enum(['jwt', 'opaque']).exactOptional(),
    access_token_lifetime: duration.exactOptional(),
    resource: z
      .union([text, z.array(text).min(1)])
      .exactOptional()
      .describe('what it may get tokens for; the first by default'),
    introspection_audience: z
      .union([text, z.array(text)])
      .exactOptional()
      .describe('audiences whose tokens it may introspect besides its own; * for all'),
    dangerously_ignore_certificate_dates: z.boolean().exactOptional(),
    dangerously_allow_public_client_credentials: z.boolean().exactOptional(),
    disabled: z.boolean().exactOptional(),
  })

  return z.strictObject({
    issuer: text.describe('the issuer identifier: https, no query, no fragment'),
    'dangerously-allow-http-issuer': z.boolean().default(false),
    hosts: z
      .record(text, z.strictObject({ role: z.enum(['main', 'mtls']), tls: tls.exactOptional() }))
      .describe('host name, with its port in port style, and what is served there'),
    listeners: z.array(listener).min(1),
    trust: z.record(name, trust).default({}),
    clients: z.array(client).default([]),
    tokens: z
      .strictObject({
        'access-token-lifetime': duration.default(defaults.accessTokenLifetime),
        'access-token-format': z.enum(['jwt', 'opaque']).default('jwt'),
        audience: text.exactOptional().describe('of tokens for clients without resource; the issuer when absent'),
        binding: binding.exactOptional().describe('for clients that say nothing themselves'),
      })
      .prefault({}),
    keys: z
      .strictObject({
        algorithm: signingAlgorithm.default('ES256'),
        'master-key-file': path.exactOptional().describe('32 bytes, base64; seals the private signing keys at rest'),
        'previous-master-key-files': z.array(path).default([]),
        'rotate-every': duration.default(defaults.rotateEvery),
        'publish-before': duration.default(defaults.publishBefore),
        'keep-after': duration.default(defaults.keepAfter),
      })
      .prefault({}),
    store: z
      .strictObject({
        url: text.default(defaults.storeUrl).describe('sqlite:PATH'),
        'busy-timeout': duration.default(defaults.busyTimeout),
      })
      .prefault({}),
    profile: z.enum(['default', 'fapi2']).default('default'),
    management: z.strictObject({ address: text.default(defaults.managementAddress) }).prefault({}),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
        destination: text.default('stderr').describe('stderr, stdout, or a path'),
      })
      .prefault({}),
    audit: z
      .strictObject({
        destination: text.default('off').describe('off, stderr, stdout, or a path'),
        chain: z.enum(['off', 'sha256']).default('off'),
      })
      .prefault({}),
    limits: z
      .strictObject({
        workers: z.int().min(1).max(256).default(1).describe('processes that share the listeners'),
        'body-bytes': z.int().min(1024).max(16_777_216).default(defaults.bodyBytes),
        connections: z.int().min(1).default(defaults.connections),
        handshakes: z.int().min(1).default(defaults.handshakes),
        'handshakes-per-address': z.int().min(1).default(defaults.handshakesPerAddress),
        'handshake-timeout': duration.default(defaults.handshakeTimeout),
        'headers-timeout': duration.default(defaults.headersTimeout),
        'request-timeout': duration.default(defaults.requestTimeout),
        'keep-alive-timeout': duration.default(defaults.keepAliveTimeout),
        'replay-entries': z.int().min(1).default(defaults.replayEntries),
        'cached-certificates': z.int().min(1).default(defaults.cachedCertificates),
        'jwks-uri-private-addresses': z
          .array(text)
          .default([])
          .describe('private addresses or networks that a jwks_uri may lead to'),
      })
      .prefault({}),
    ui: z
      .strictObject({
        'service-documentation': text.exactOptional(),
        'policy-uri': text.exactOptional(),
        'tos-uri': text.exactOptional(),
      })
      .prefault({}),
  })
}

/** The JSON Schema (2020-12) of `holdfast.yaml`, for editors. */
export function configSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configurationFileSchema(), { io: 'input', target: 'draft-2020-12' })
  return { ...schema, title: 'holdfast.yaml' }
}

const durationText = 'whole seconds, or a number with s, m, h or d, such as 15m'
