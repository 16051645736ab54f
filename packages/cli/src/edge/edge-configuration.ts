import type { HostRole } from '@holdfast/edge'
import type { CertificateHeaderFormat, ReverseProxyLimits } from '@holdfast/edge/reverse-proxy'
import type { ListenAddress } from '@holdfast/server'

/** What `holdfast edge` is told, checked and with absolute paths. */
export interface EdgeConfiguration {
  readonly listen: readonly { readonly host: string; readonly port: number }[]
  readonly hosts: readonly EdgeHost[]
  readonly withoutServerName: 'refuse' | 'main'
  readonly proxyProtocol: 'v1' | 'v2' | 'v1-or-v2' | undefined
  readonly limits: Partial<ReverseProxyLimits>
}

export interface EdgeHost {
  readonly name: string
  readonly role: HostRole
  readonly tls: EdgeIdentity
  readonly upstream: EdgeUpstream
  readonly header: CertificateHeaderFormat
}

/** Paths of a PEM chain, leaf first, and its PEM key. */
export interface EdgeIdentity {
  readonly certificate: string
  readonly key: string
}

/** Hosts with the same one share its connections. */
export interface EdgeUpstream {
  readonly address: ListenAddress
  /** The name that its certificate must have; without it there is no TLS behind. */
  readonly serverName: string | undefined
  /** Path of PEM certificates. */
  readonly ca: string | undefined
  readonly identity: EdgeIdentity | undefined
  readonly secret: { readonly header: string; readonly file: string } | undefined
}
