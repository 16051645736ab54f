import type { CertificateHeaderPresetName } from '@holdfast/edge'

/** What a terminator has to know about the Holdfast behind it. Everything is a name, a path or a number: no text of a syntax. */
export interface ProxyDeployment {
  /** In the order of the configuration; hosts of both roles. */
  readonly sites: readonly ProxySite[]
  /** Addresses on which the terminator listens; empty: all, IPv4 and IPv6. */
  readonly listen: readonly string[]
  /** The longest request body that Holdfast takes. */
  readonly bodyBytes: number
}

/** A host name, or a path of one, under which the terminator takes requests. */
export interface ProxySite {
  /** Lower case, without port. */
  readonly serverName: string
  /** The port by which clients know it. */
  readonly port: number
  /** `mtls` asks for a client certificate, `main` never does. */
  readonly role: 'main' | 'mtls'
  /** In path style: below which path of a name that also serves people certificates are asked for, such as `/mtls`. */
  readonly path?: string
  /** Paths of the PEM chain and the PEM key of this name, as the terminator sees them. */
  readonly tls: { readonly certificate: string; readonly key: string }
  /** The listener of Holdfast that serves this name. */
  readonly upstream: ProxyUpstream
  /** How Holdfast reads certificates there; `undefined` on `main`, and where Holdfast ends TLS itself. */
  readonly certificateHeader: ProxyCertificateHeader | undefined
  /** The header in which Holdfast looks for the client's address. */
  readonly clientAddressHeader: string | undefined
}

export type ProxyUpstream =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** Holdfast ends TLS itself, on this address. */
  | {
      readonly kind: 'tls'
      readonly host: string
      readonly port: number
      readonly proxyProtocol: 'v1' | 'v2' | 'v1-or-v2' | undefined
    }

/** Headers by which Holdfast learns of a certificate; names in lower case. */
export interface ProxyCertificateHeader {
  readonly preset: CertificateHeaderPresetName
  readonly header: string
  readonly chainHeader: string | undefined
  readonly verdictHeader: string | undefined
  /** The proof of the proxy, where it is a secret. */
  readonly secret: { readonly header: string; readonly value: string } | undefined
}
