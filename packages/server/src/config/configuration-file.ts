import { clientShape } from './client-shape.ts'
import { registrationShape, type RegistrationFile } from './registration-shape.ts'
import { defaults } from './defaults.ts'
import { peopleShape, uiMembers } from './people-shape.ts'
import type { PeopleFile, UiFile } from './people-shape.ts'
import {
  boolean,
  described,
  either,
  list,
  mapping,
  oneOf,
  oneOrMore,
  optional,
  otherwise,
  record,
  required,
  text,
  textLike,
  wholeNumber,
} from './shape.ts'
import type { Shape } from './shape.ts'

/** A length of time as written in the file: whole seconds, or a number with `s`, `m`, `h` or `d`. */
export type DurationText = number | string

/** One certificate chain (PEM, leaf first) and its private key (PEM), as paths. */
export interface TlsFile {
  readonly certificate: string
  readonly key: string
}

export interface HostFile {
  readonly role: 'main' | 'mtls' | 'login-certificate'
  /** A certificate of this name's own, where the listener's does not fit. */
  readonly tls?: TlsFile
}

export interface ClientCertificateFile {
  readonly from: string
  readonly header?: string
  readonly 'proxy-secret'?: string
  readonly 'proxy-secret-file'?: string
  readonly 'previous-proxy-secret'?: string
  readonly 'previous-proxy-secret-file'?: string
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
  readonly anchors?: readonly string[]
  readonly spiffe?: SpiffeFile
  readonly intermediates: readonly string[]
  readonly 'extended-key-usage': 'require' | 'if_present' | 'server_auth_too'
  readonly profile: 'interop' | 'strict'
  readonly revocation?: RevocationFile
}

export interface SpiffeFile {
  readonly 'trust-domain': string
  readonly bundle: string
  readonly ca?: string
  readonly 'maximum-age'?: DurationText
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
    readonly 'authorization-code-lifetime': DurationText
    readonly 'pushed-request-lifetime': DurationText
    readonly 'id-token-lifetime': DurationText
    readonly 'authorization-lifetime': DurationText
    readonly dpop: 'off' | 'offered' | 'offered-with-nonce'
    readonly 'encrypted-answers': 'off' | 'offered'
    readonly 'refresh-token-lifetime': DurationText
    readonly 'refresh-token-grace': DurationText
    readonly 'device-code-lifetime': DurationText
    readonly 'authentication-request-lifetime': DurationText
    readonly 'poll-interval': DurationText
    readonly 'pairwise-secret-file'?: string
    readonly 'authorization-details': Readonly<
      Record<string, { readonly required: readonly string[]; readonly optional: readonly string[] }>
    >
  }
  readonly keys: {
    readonly algorithm: 'ES256' | 'EdDSA' | 'PS256' | 'RS256'
    readonly 'master-key-file'?: string
    readonly 'previous-master-key-files': readonly string[]
    readonly 'request-encryption': 'off' | 'EC' | 'RSA'
    readonly 'rotate-every': DurationText
    readonly 'publish-before': DurationText
    readonly 'keep-after': DurationText
  }
  readonly store: {
    readonly url: string
    readonly 'busy-timeout': DurationText
    readonly migrate: 'at-start' | 'by-hand'
    readonly 'revocation-cache'?: string
    readonly ca?: string
    readonly certificate?: string
    readonly key?: string
    readonly 'password-file'?: string
    readonly connections?: number
    readonly schema?: string
    readonly 'dangerously-without-tls': boolean
  }
  readonly registration?: RegistrationFile
  readonly profile: 'default' | 'none' | 'fapi2' | 'fapi2-message-signing' | 'fapi1-advanced' | 'brazil'
  readonly management: {
    readonly address: string
    readonly 'doctor-token-file'?: string
    readonly 'doctor-valid-for': DurationText
  }
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
    readonly 'interaction-time': DurationText
  }
  readonly people?: PeopleFile
  readonly ui: UiFile
}

/** The shape of `holdfast.yaml`: what the file is read by and what the published JSON Schema is made from. */
export function configurationFileShape(): Shape<ConfigurationFile> {
  const duration = described(
    durationText,
    either(wholeNumber(0, 3_155_760_000), textLike(/^[0-9]{1,9}(s|m|h|d)$/), durationText),
  )
  const line = text(1, 4096)
  const path = described('path of a file, from the directory of this file', line)
  const name = textLike(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, dots, dashes and underscores')
  const signingAlgorithm = oneOf('ES256', 'EdDSA', 'PS256', 'RS256')
  const binding = oneOf('off', 'if_present', 'required')
  const tls = mapping({ certificate: required(path), key: required(path) })

  const proxyCertificate = either(
    mapping({ thumbprints: required(list(line, 1), 'SHA-256, two while it is renewed') }),
    mapping({ trust: required(name), name: required(line, 'its DNS name or URI') }),
    '{ thumbprints: […] } or { trust: …, name: … }',
  )
  const clientCertificate = mapping({
    from: required(line, 'preset of the terminator in front: nginx, haproxy, apache, envoy, rfc9440, …'),
    header: optional(line, 'another header name than the preset has'),
    'proxy-secret': optional(text(32, 1024), 'what the proxy proves itself by'),
    'proxy-secret-file': optional(path),
    'previous-proxy-secret': optional(text(32, 1024), 'believed too while proxies change to the new one'),
    'previous-proxy-secret-file': optional(path),
    'proxy-secret-header': otherwise(defaults.proxySecretHeader, textLike(/^[A-Za-z0-9-]{1,64}$/, 'a header name')),
    'proxy-certificate': optional(proxyCertificate, 'the proxy shows this certificate to us, over the listener’s tls'),
    'chain-header': optional(line, 'another header for the chain than the preset has, or none'),
    'verdict-header': optional(line),
    verdict: otherwise('optional', oneOf('optional', 'required')),
    'xfcc-element': otherwise(
      'only',
      oneOf('only', 'first', 'last'),
      'where several proxies append: last is refused where Envoy writes uri or dns, in which a client can forge one',
    ),
    'dangerously-trust-addresses': optional(
      list(line, 1),
      'believe the header from these addresses without proof: anyone who can send from them is anyone',
    ),
  })
  const listener = mapping({
    address: required(line, 'HOST:PORT, [IPV6]:PORT or unix:/path/of/socket'),
    tls: optional(tls, 'we end TLS ourselves with this certificate chain and key'),
    hosts: optional(list(line, 1), 'the names served here; all hosts when absent'),
    'client-certificate': optional(clientCertificate),
    'proxy-protocol': otherwise('off', oneOf('off', 'v1', 'v2', 'v1-or-v2'), 'the proxy sends it on every connection'),
    'client-address-header': optional(line, 'header of a proven proxy whose last element is the client’s address'),
    'without-server-name': otherwise(
      'refuse',
      oneOf('refuse', 'main'),
      'what takes a TLS client that names no server or an unknown one',
    ),
    'socket-mode': otherwise(defaults.socketMode, textLike(/^0?[0-7]{3}$/, 'three octal digits')),
  })

  const revocation = mapping({
    mode: optional(
      oneOf('off', 'soft', 'hard'),
      'what becomes of a certificate when nobody can tell: accepted (soft) or refused (hard, the default)',
    ),
    'when-unknown': optional(
      oneOf('refuse', 'accept'),
      'the same in other words: refuse is mode hard, accept is mode soft',
    ),
    crl: otherwise([], list(line), 'files (read again when they change) and http or https URLs'),
    'crl-distribution-points': otherwise(
      'ignore',
      oneOf('follow', 'ignore'),
      'whether to fetch the CRLs that certificates name',
    ),
    ocsp: optional(
      mapping({
        responder: optional(oneOrMore(list(line, 1))),
        'from-certificate': otherwise('ignore', oneOf('follow', 'ignore')),
      }),
      'asked about what no CRL tells',
    ),
    'allowed-hosts': otherwise(
      [],
      list(textLike(/^[A-Za-z0-9._-]+(:[0-9]{1,5})?$/, 'a host name, with :PORT if need be')),
      'where URLs out of certificates may lead',
    ),
    'private-addresses': otherwise(
      [],
      list(line),
      'private addresses or networks that URLs out of certificates may lead to',
    ),
    grace: otherwise(defaults.revocationGrace, duration, 'how long past its end an answer still counts'),
    'skip-if-lifetime-below': otherwise(
      defaults.skipIfLifetimeBelow,
      duration,
      'certificates that live shorter are not asked about',
    ),
    refresh: otherwise(defaults.revocationRefresh, duration, 'the longest time between two looks'),
    'max-crl-bytes': otherwise(defaults.maximumCrlBytes, wholeNumber(1024, 268_435_456)),
  })
  const spiffe = mapping({
    'trust-domain': required(text(1, 255), 'its name, without spiffe://'),
    bundle: required(line, 'its bundle as a JWKS: a file (read again when it changes) or an https URL'),
    ca: optional(path, 'what vouches for the server behind that URL, instead of the public CAs'),
    'maximum-age': optional(
      duration,
      'how long a bundle vouches for anybody after it was fetched, 1d unless said; or after a file was written, without end unless said',
    ),
  })
  const trust = mapping({
    anchors: optional(list(path, 1)),
    spiffe: optional(spiffe, 'instead of anchors: the bundle of one SPIFFE trust domain'),
    intermediates: otherwise([], list(path)),
    'extended-key-usage': otherwise('if_present', oneOf('require', 'if_present', 'server_auth_too')),
    profile: otherwise('interop', oneOf('interop', 'strict')),
    revocation: optional(revocation),
  })

  const host = mapping({ role: required(oneOf('main', 'mtls', 'login-certificate')), tls: optional(tls) })
  return mapping({
    issuer: required(line, 'the issuer identifier: https, no query, no fragment'),
    'dangerously-allow-http-issuer': otherwise(false, boolean()),
    hosts: required(record(line, host), 'host name, with its port in port style, and what is served there'),
    listeners: required(list(listener, 1)),
    trust: otherwise({}, record(name, trust)),
    clients: otherwise([], list(clientShape(duration))),
    tokens: otherwise(
      {},
      mapping({
        'access-token-lifetime': otherwise(defaults.accessTokenLifetime, duration),
        'access-token-format': otherwise('jwt', oneOf('jwt', 'opaque')),
        audience: optional(line, 'of tokens for clients without resource; the issuer when absent'),
        binding: optional(binding, 'for clients that say nothing themselves'),
        'authorization-code-lifetime': otherwise(defaults.authorizationCodeLifetime, duration),
        'pushed-request-lifetime': otherwise(defaults.pushedRequestLifetime, duration),
        'id-token-lifetime': otherwise(defaults.idTokenLifetime, duration),
        'authorization-lifetime': otherwise(
          defaults.authorizationLifetime,
          duration,
          'how long what a person allowed lasts, refreshed or not',
        ),
        dpop: otherwise(
          'offered',
          oneOf('off', 'offered', 'offered-with-nonce'),
          'whether tokens may be bound by DPoP',
        ),
        'encrypted-answers': otherwise(
          'off',
          oneOf('off', 'offered'),
          'whether clients may have what they are told encrypted to their key, beyond TLS',
        ),
        'refresh-token-lifetime': otherwise(defaults.refreshTokenLifetime, duration, 'from its issue'),
        'refresh-token-grace': otherwise(
          defaults.refreshTokenGrace,
          duration,
          'how long a replaced refresh token may come again because its answer was lost',
        ),
        'device-code-lifetime': otherwise(defaults.deviceCodeLifetime, duration),
        'authentication-request-lifetime': otherwise(defaults.authenticationRequestLifetime, duration, 'CIBA'),
        'poll-interval': otherwise(defaults.pollInterval, duration, 'of devices and CIBA clients'),
        'pairwise-secret-file': optional(path, 'makes the identifiers of people that differ from client to client'),
        'authorization-details': otherwise(
          {},
          record(line, mapping({ required: otherwise([], list(line)), optional: otherwise([], list(line)) })),
          'types of RFC 9396, each with the members that it must and may have besides the common ones',
        ),
      }),
    ),
    keys: otherwise(
      {},
      mapping({
        algorithm: otherwise('ES256', signingAlgorithm),
        'master-key-file': optional(path, '32 bytes, base64; seals the private signing keys at rest'),
        'previous-master-key-files': otherwise([], list(path)),
        'request-encryption': otherwise(
          'off',
          oneOf('off', 'EC', 'RSA'),
          'the kind of the key that clients may encrypt their request objects to',
        ),
        'rotate-every': otherwise(defaults.rotateEvery, duration),
        'publish-before': otherwise(defaults.publishBefore, duration),
        'keep-after': otherwise(defaults.keepAfter, duration),
      }),
    ),
    store: otherwise(
      {},
      mapping({
        url: otherwise(defaults.storeUrl, line, 'sqlite:PATH or postgres://USER@HOST/DATABASE'),
        'busy-timeout': otherwise(defaults.busyTimeout, duration, 'a request is told 503 when the store takes longer'),
        migrate: otherwise('at-start', oneOf('at-start', 'by-hand')),
        'revocation-cache': optional(
          path,
          'folder of fetched CRLs and OCSP responses; beside a SQLite file when absent',
        ),
        ca: optional(path, 'PEM of the CAs that vouch for PostgreSQL; those of Node when absent'),
        certificate: optional(path, 'PEM chain to show to PostgreSQL'),
        key: optional(path),
        'password-file': optional(path),
        connections: optional(wholeNumber(1, 1000), 'of each process to PostgreSQL'),
        schema: optional(line, 'of PostgreSQL, in front of the search path of the role'),
        'dangerously-without-tls': otherwise(false, boolean()),
      }),
    ),
    registration: optional(registrationShape(duration), 'who may register clients (RFC 7591), and what these may be'),
    profile: otherwise(
      'default',
      oneOf('default', 'none', 'fapi2', 'fapi2-message-signing', 'fapi1-advanced', 'brazil'),
    ),
    management: otherwise(
      {},
      mapping({
        address: otherwise(defaults.managementAddress, line),
        'doctor-token-file': optional(path, 'who shows this token is told what the server saw of his request'),
        'doctor-valid-for': otherwise(defaults.doctorValidFor, duration, 'counted from the start of the server'),
      }),
    ),
    log: otherwise(
      {},
      mapping({
        level: otherwise('info', oneOf('debug', 'info', 'warn', 'error', 'silent')),
        destination: otherwise('stderr', line, 'stderr, stdout, or a path'),
      }),
    ),
    audit: otherwise(
      {},
      mapping({
        destination: otherwise('off', line, 'off, stderr, stdout, or a path'),
        chain: otherwise('off', oneOf('off', 'sha256')),
      }),
    ),
    limits: otherwise(
      {},
      mapping({
        workers: otherwise(1, wholeNumber(1, 256), 'processes that share the listeners'),
        'body-bytes': otherwise(defaults.bodyBytes, wholeNumber(1024, 16_777_216)),
        connections: otherwise(defaults.connections, wholeNumber(1)),
        handshakes: otherwise(defaults.handshakes, wholeNumber(1)),
        'handshakes-per-address': otherwise(defaults.handshakesPerAddress, wholeNumber(1)),
        'handshake-timeout': otherwise(defaults.handshakeTimeout, duration),
        'headers-timeout': otherwise(defaults.headersTimeout, duration),
        'request-timeout': otherwise(defaults.requestTimeout, duration),
        'keep-alive-timeout': otherwise(defaults.keepAliveTimeout, duration),
        'replay-entries': otherwise(defaults.replayEntries, wholeNumber(1)),
        'cached-certificates': otherwise(defaults.cachedCertificates, wholeNumber(1)),
        'jwks-uri-private-addresses': otherwise(
          [],
          list(line),
          'private addresses or networks that a jwks_uri may lead to',
        ),
        'interaction-time': otherwise(defaults.interactionTime, duration, 'how long a person may take on our pages'),
      }),
    ),
    people: optional(peopleShape(duration), 'who can log in, and how'),
    ui: otherwise(
      {},
      mapping({
        'service-documentation': optional(line),
        'policy-uri': optional(line),
        'tos-uri': optional(line),
        ...uiMembers(),
      }),
    ),
  })
}

const durationText = 'whole seconds, or a number with s, m, h or d, such as 15m'
