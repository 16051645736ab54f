import type { MetadataSettings } from '@holdfast/core'
import type { Configuration } from './config/configuration.ts'
import { authenticationMethods, grantTypes } from './config/resolve-clients.ts'
import { hostAndPort } from './edge-listeners.ts'

/** What the configuration switches on, for the metadata documents. */
export function metadataSettings(configuration: Configuration): MetadataSettings {
  return {
    issuer: configuration.issuer,
    mtlsBase: mtlsBase(configuration),
    authenticationMethods: authenticationMethods[configuration.profile],
    grantTypes,
    scopes: [],
    signingAlgorithms: [configuration.keys.algorithm],
  }
}

/** The origin of the host that asks for certificates: its own port in port style, else the issuer's. */
export function mtlsBase(configuration: Configuration): string | undefined {
  const host = [...configuration.hosts].find(([, { role }]) => role === 'mtls')?.[0]
  if (host === undefined) return undefined
  const issuer = new URL(configuration.issuer)
  const port = hostAndPort(host).port === undefined && issuer.port !== '' ? `:${issuer.port}` : ''
  return `${issuer.protocol}//${host}${port}`
}
