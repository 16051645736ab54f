import { encryptionMethods, furtherEndpointsAt, signatureAlgorithms, tokenMetadata } from '@holdfast/core'
import type { AuthorizationMetadataSettings, MetadataSettings } from '@holdfast/core'
import type { Configuration } from './config/configuration.ts'
import { authenticationMethods, grantsInUse } from './config/resolve-clients.ts'
import { hostAndPort } from './edge-listeners.ts'
import { reachedContexts } from './people/authentication-context.ts'

/** What is switched on, for the metadata documents: `paths` are those that the main host serves besides the tokens'. */
export function metadataSettings(configuration: Configuration, paths: readonly string[]): MetadataSettings {
  const furtherEndpoints = furtherEndpointsAt(paths)
  const people = furtherEndpoints.includes('authorization_endpoint')
  return {
    issuer: configuration.issuer,
    mtlsBase: mtlsBase(configuration),
    authenticationMethods: authenticationMethods[configuration.profile],
    grantTypes: grantsInUse(configuration),
    scopes: people ? openidScopes : [],
    signingAlgorithms: [configuration.keys.algorithm],
    clientAlgorithms: signatureAlgorithms(configuration.profile),
    furtherEndpoints,
    furtherMembers: tokenMetadata({
      dpop: configuration.tokens.dpop === 'off' ? 'off' : 'offered',
      grantTypes: grantsInUse(configuration),
      signingAlgorithms: [configuration.keys.algorithm],
      userinfo: furtherEndpoints.includes('userinfo_endpoint') ? 'offered' : 'off',
      clientAlgorithms: signatureAlgorithms(configuration.profile),
      encryption:
        configuration.tokens.encryptedAnswers === 'off' ? undefined : encryptionMethods(configuration.profile),
    }),
    ...(people ? { authorization: authorizationMetadata(configuration) } : {}),
  }
}

function authorizationMetadata({
  profile,
  authorization,
  ui,
  tokens,
  keys,
  people,
}: Configuration): AuthorizationMetadataSettings {
  return {
    profile,
    authorizationDetailsTypes: [...authorization.detailsTypes.keys()],
    // People who are in the store alone log in by password, and by codes.
    acrValues: people?.contexts ?? reachedContexts(['password', 'code']),
    uiLocales: ui.languages,
    pairwiseSubjects: authorization.pairwiseSecret === undefined ? 'off' : 'offered',
    encryption: { answers: tokens.encryptedAnswers, requestKey: keys.requestEncryption },
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

/** OpenID Connect Core §3.1.2.1, §5.4. What else there is, is each client's own affair. */
const openidScopes = ['openid', 'profile', 'email', 'address', 'phone']
