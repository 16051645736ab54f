import type { AuthorizationDetailsType, RegistrationPolicy, RegistrationRules, SecurityProfile } from '@holdfast/core'
import type { CertificateHeaderPresetName } from '@holdfast/edge'
import type { ExpectedSubjectAltName } from '@holdfast/x509'
import type { ConfiguredClients } from './configured-clients.ts'
import type { ConfigurationSource } from './load-configuration.ts'
import type { PeopleConfiguration, UiConfiguration } from './resolve-people.ts'
import type { Advice } from './resolution.ts'

/** Everything the server needs to know, checked and with absolute paths; secrets inside, so never to be printed. */
export interface Configuration {
  /** Where it was read from: `reload()` reads it again. */
  readonly source: ConfigurationSource
  readonly issuer: string
  /** Host as written in `Host`: lower case, with its port where port style is used. */
  readonly hosts: ReadonlyMap<string, HostConfiguration>
  readonly listeners: readonly ListenerConfiguration[]
  readonly trust: ReadonlyMap<string, TrustConfiguration>
  readonly clients: ConfiguredClients
  readonly tokens: TokenConfiguration
  readonly authorization: AuthorizationConfiguration
  readonly keys: KeyConfiguration
  readonly store: StoreConfiguration
  readonly profile: SecurityProfile
  /** `undefined`: nobody registers clients by himself. */
  readonly registration: RegistrationConfiguration | undefined
  readonly management: {
    readonly address: ListenAddress | undefined
    /** `undefined`: `holdfast doctor` is told nothing. */
    readonly doctor: DoctorConfiguration | undefined
  }
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'; readonly destination: LogDestination }
  readonly audit: { readonly destination: LogDestination | undefined; readonly chain: 'off' | 'sha256' }
  readonly limits: LimitConfiguration
  /** `undefined`: nobody logs in here, unless a client sends people. */
  readonly people: PeopleConfiguration | undefined
  readonly ui: UiConfiguration
  /** What lowers safety, as written: logged at start. */
  readonly dangers: readonly string[]
  /** What can be read and is probably not meant so. */
  readonly advice: readonly Advice[]
}

/** What clients that register themselves may be, beyond the rules for all of them. */
export interface RegistrationConfiguration {
  /** `off`: clients are kept in the store, and only operators add them. */
  readonly endpoint: 'on' | 'off'
  readonly policy: RegistrationPolicy
  readonly rules: RegistrationRules
}

export interface DoctorConfiguration {
  readonly token: string
  /** Seconds after the start of the server. */
  readonly validFor: number
}

export interface HostConfiguration {
  readonly role: 'main' | 'mtls'
  readonly tls: TlsConfiguration | undefined
  /** A host that asks people for certificates, and serves nothing but their login. */
  readonly login?: 'certificate'
}

/** Paths of a PEM chain (leaf first) and its PEM key. */
export interface TlsConfiguration {
  readonly certificate: string
  readonly key: string
}

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

export interface ListenerConfiguration {
  readonly address: ListenAddress
  /** Towards clients; towards the proxy, where `clientCertificate` is proven by a certificate. */
  readonly tls: TlsConfiguration | undefined
  /** Keys of `Configuration.hosts` served here. */
  readonly hosts: readonly string[]
  readonly clientCertificate: ClientCertificateConfiguration | undefined
  readonly proxyProtocol: 'v1' | 'v2' | 'v1-or-v2' | undefined
  readonly clientAddressHeader: string | undefined
  readonly withoutServerName: 'refuse' | 'main'
  /** Octal permission bits of a Unix socket. */
  readonly socketMode: number
}

export interface ClientCertificateConfiguration {
  readonly from: CertificateHeaderPresetName
  readonly header: string | undefined
  readonly chainHeader: string | undefined
  readonly verdictHeader: string | undefined
  readonly verdict: 'optional' | 'required'
  readonly xfccElement: 'only' | 'first' | 'last'
  readonly proof: ProxyProof
}

/** How the listener knows that a header was written by its proxy. */
export type ProxyProof =
  | { readonly kind: 'socket' }
  | {
      readonly kind: 'secret'
      readonly header: string
      readonly secret: string
      /** Believed too, while proxies change from it to `secret`. */
      readonly previous: string | undefined
    }
  | {
      readonly kind: 'certificate'
      /** SHA-256, base64url. */
      readonly thumbprints: readonly string[]
    }
  | { readonly kind: 'vouched-certificate'; readonly trust: string; readonly name: ExpectedSubjectAltName }
  | { readonly kind: 'dangerously-address'; readonly addresses: readonly string[] }

export interface TrustConfiguration {
  /** None where they are the bundle of a SPIFFE trust domain. */
  readonly anchors: readonly string[]
  readonly intermediates: readonly string[]
  readonly extendedKeyUsage: 'require' | 'if_present' | 'server_auth_too'
  readonly profile: 'interop' | 'strict'
  /** `undefined`: nobody is asked. */
  readonly revocation: RevocationConfiguration | undefined
  readonly spiffe: SpiffeConfiguration | undefined
}

/** Where the bundle of a SPIFFE trust domain comes from. */
export interface SpiffeConfiguration {
  readonly trustDomain: string
  readonly bundle: BundleLocation
  /** Path of PEM certificates that vouch for the server behind the URL; `undefined`: those of Node. */
  readonly ca: string | undefined
  /** Seconds after which a bundle that was not renewed vouches for nobody; `undefined`: it has no end. */
  readonly maximumAge: number | undefined
}

export type BundleLocation =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'url'; readonly url: string }

/** How it is found out whether a certificate is revoked. Lengths of time in seconds. */
export interface RevocationConfiguration {
  /** `soft` accepts a certificate about which nothing is known, `hard` refuses it. */
  readonly mode: 'soft' | 'hard'
  readonly crls: readonly CrlLocation[]
  readonly distributionPoints: 'follow' | 'ignore'
  /** URLs. */
  readonly responders: readonly string[]
  readonly respondersFromCertificate: 'follow' | 'ignore'
  /** Where URLs out of certificates may lead, lower case, with a port where it is not the usual one. */
  readonly allowedHosts: readonly string[]
  readonly privateAddresses: readonly string[]
  readonly grace: number
  readonly skipIfLifetimeBelow: number
  /** The longest time between two looks for something newer. */
  readonly refresh: number
  readonly maximumCrlOctets: number
}

export type CrlLocation =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'url'; readonly url: string }

export interface TokenConfiguration {
  /** Seconds. */
  readonly accessTokenLifetime: number
  readonly accessTokenFormat: 'jwt' | 'opaque'
  readonly audience: string
  readonly binding: 'off' | 'if_present' | 'required' | undefined
  readonly dpop: 'off' | 'offered' | 'offered-with-nonce'
  /** Whether clients may have their answers encrypted to their own keys. */
  readonly encryptedAnswers: 'off' | 'offered'
}

/** People's authorizations. Lengths of time in seconds. */
export interface AuthorizationConfiguration {
  readonly codeLifetime: number
  readonly pushedRequestLifetime: number
  readonly idTokenLifetime: number
  readonly authorizationLifetime: number
  readonly refreshTokenLifetime: number
  readonly refreshTokenGrace: number
  readonly deviceCodeLifetime: number
  /** CIBA. */
  readonly authenticationRequestLifetime: number
  readonly pollInterval: number
  readonly interactionTime: number
  readonly detailsTypes: ReadonlyMap<string, AuthorizationDetailsType>
  /** `undefined`: no client has identifiers of people of its own. */
  readonly pairwiseSecret: string | undefined
}

export interface KeyConfiguration {
  readonly algorithm: 'ES256' | 'EdDSA' | 'PS256' | 'RS256'
  /** Of what kind the key is that request objects are encrypted to. */
  readonly requestEncryption: 'off' | 'EC' | 'RSA'
  readonly masterKeyFile: string | undefined
  readonly previousMasterKeyFiles: readonly string[]
  /** Seconds; 0: only by hand. */
  readonly rotateEvery: number
  readonly publishBefore: number
  readonly keepAfter: number
}

export type StoreConfiguration = {
  readonly busyTimeoutSeconds: number
  /** Whether an older schema is brought up to date by a start, or only by `holdfast migrate`. */
  readonly migrate: 'at-start' | 'by-hand'
  /** Folder of fetched CRLs and OCSP responses; `undefined`: they are kept in memory only. */
  readonly revocationCache: string | undefined
} & (
  | {
      readonly kind: 'sqlite'
      /** Absolute path of the file, `:memory:` for a store that dies with the process. */
      readonly path: string
    }
  | { readonly kind: 'postgres'; readonly postgres: PostgresConfiguration }
)

export interface PostgresConfiguration {
  /** Name, address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  /** PEM texts; `undefined`: without TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined
  /** At most so many at once, per process. */
  readonly connections: number
  readonly schema: string | undefined
}

export interface LimitConfiguration {
  readonly workers: number
  readonly bodyBytes: number
  readonly connections: number
  readonly handshakes: number
  readonly handshakesPerAddress: number
  /** Seconds, as the three below. */
  readonly handshakeTimeout: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  readonly replayEntries: number
  readonly cachedCertificates: number
  readonly jwksUriPrivateAddresses: readonly string[]
}

export type LogDestination = { readonly kind: 'stderr' | 'stdout' } | { readonly kind: 'file'; readonly path: string }
