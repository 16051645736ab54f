import type { MetadataSettings } from '@holdfast/core'
import type { Configuration } from './config/configuration.ts'
import { authenticationMethods, grantsInUse } from './config/resolve-clients.ts'
import { hostAndPort } from './edge-listeners.ts'

/** What the configuration switches on, for the metadata documents. */
export function metadataSettings(configuration: Configuration): MetadataSettings {
  return {
    issuer: configuration.issuer,
    mtlsBase: mtlsBase(configuration),
    authenticationMethods: authenticationMethods[configuration.profile],
    grantTypes: grantsInUse(configuration.clients),
    scopes: [],
    signingAlgorithms: [configuration.keys.algorithm],
  }
}

/** Where certificates are asked for: the origin of their host, with its own port in port style and its path in path style. */
export function mtlsBase(configuration: Configuration): string | undefined {
  const host = [...configuration.hosts].find(([, { role, login }]) => role === 'mtls' && login === undefined)?.[0]
  if (host === undefined) return undefined
  const issuer = new URL(configuration.issuer)
  const { name, port = issuer.port, path = '' } = hostAndPort(host)
  return `${issuer.protocol}//${name}${port === '' ? '' : `:${port}`}${path}`
}
