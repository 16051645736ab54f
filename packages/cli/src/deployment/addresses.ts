import { networkInterfaces } from 'node:os'

/** Where the parts of a deployment on this machine are reached, and what the server listens on. */
export interface Addresses {
  readonly style: 'subdomain' | 'port'
  readonly issuer: string
  /** Origin of the host that asks for certificates. */
  readonly mtls: string
  /** Origin of the sample API of the demo. */
  readonly api: string
  /** As in `hosts` of the configuration. */
  readonly mainHost: string
  readonly mtlsHost: string
  /** Loopback addresses of this machine, IPv6 in brackets. */
  readonly loopback: readonly string[]
  readonly mainPort: number
  readonly mtlsPort: number
  readonly apiPort: number
}

/** The names and ports of a deployment on loopback: one port and three names, or one name and three ports. */
export function addressesOf(style: 'subdomain' | 'port', port: number, loopback: readonly string[]): Addresses {
  if (style === 'subdomain')
    return {
      style,
      issuer: origin('localhost', port),
      mtls: origin('mtls.localhost', port),
      api: origin('api.localhost', port),
      mainHost: 'localhost',
      mtlsHost: 'mtls.localhost',
      loopback,
      mainPort: port,
      mtlsPort: port,
      apiPort: port,
    }
  return {
    style,
    issuer: origin('localhost', port),
    mtls: origin('localhost', port + 1),
    api: origin('localhost', port + 2),
    mainHost: authority('localhost', port),
    mtlsHost: authority('localhost', port + 1),
    loopback,
    mainPort: port,
    mtlsPort: port + 1,
    apiPort: port + 2,
  }
}

/** The loopback addresses that exist here: a name below localhost may resolve to either. */
export function loopbackAddresses(): readonly string[] {
  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some((item) => item.address === '::1'))
  return hasIpv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']
}

function origin(name: string, port: number): string {
  return new URL(`https://${authority(name, port)}`).origin
}

function authority(name: string, port: number): string {
  return `${name}:${port}`
}
