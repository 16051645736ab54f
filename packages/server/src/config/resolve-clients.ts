import { hash } from 'node:crypto'
import { parseClientMetadata, signatureAlgorithms } from '@holdfast/core'
import type {
  CertificateThumbprint,
  ClientAuthenticationMethod,
  GrantType,
  RegisteredClient,
  RegistrationRules,
  SecurityProfile,
} from '@holdfast/core'
import { plainSecretHash } from '../client-secret/client-secret-hash.ts'
import { secretProblems } from '../client-secret/secret-problems.ts'
import type { Configuration, HostConfiguration, TrustConfiguration } from './configuration.ts'
import type { ConfigurationFile, DurationText } from './configuration-file.ts'
import { durationSeconds } from './duration.ts'
import { authorizationOffer, securityProfile } from './resolve-authorization.ts'
import type { Resolution } from './resolution.ts'
import { subjectAdvice, trustDomainAdvice } from './subject-advice.ts'
import { subjectFromCertificate } from './subject-from-certificate.ts'

/** A client, and the record that it was parsed from. */
export interface ResolvedClient {
  readonly client: RegisteredClient
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The clients of the file as the core registers them, with every problem of every client. */
export function resolveClients(
  file: ConfigurationFile,
  rules: RegistrationRules,
  here: Resolution,
): readonly ResolvedClient[] {
  const first = new Map<string, number>()
  const trustDomains = new Map<string, string>()
  return file.clients.flatMap((record, index) => {
    const at = ['clients', index]
    const named = subjectFromCertificate(record, at, here)
    const metadata = metadataOf(named.record, at, here)
    const parsed = parseClientMetadata(metadata, rules)
    if (!parsed.ok) {
      for (const { path, problem, hint } of parsed.failure) {
        // What the client lacks as a whole is the name that could not be read, which was told.
        if (path !== '' || named.subject !== 'unknown') here.report([...at, ...pathOf(path)], problem, hint)
      }
      return []
    }
    if (named.subject === 'unknown') return []
    const client = parsed.value
    if (client.authentication.method === 'tls_client_auth') {
      const { subject, trust: vouching } = client.authentication
      if (named.subject === 'written') here.advice.push(...subjectAdvice(subject, at))
      here.advice.push(...trustDomainAdvice(subject, vouching, trustDomains, at))
    }
    const before = first.get(client.clientId)
    if (before !== undefined) here.report([...at, 'client_id'], `${client.clientId} is already clients[${before}]`)
    first.set(client.clientId, before ?? index)
    if (record['dangerously_ignore_certificate_dates'] === true) {
      here.dangers.push(`clients[${index}].dangerously_ignore_certificate_dates`)
    }
    if (record['dangerously_allow_public_client_credentials'] === true) {
      here.dangers.push(`clients[${index}].dangerously_allow_public_client_credentials`)
    }
    if (record['dangerously_allow_missing_code_challenge'] === true) {
      here.dangers.push(`clients[${index}].dangerously_allow_missing_code_challenge`)
    }
    return [{ client, metadata }]
  })
}

/** What every registration is held to, whoever makes it. */
export function registrationRules(
  file: ConfigurationFile,
  hosts: ReadonlyMap<string, Pick<HostConfiguration, 'role' | 'login'>>,
  trust: ReadonlyMap<string, Pick<TrustConfiguration, 'spiffe'>>,
): RegistrationRules {
  const names = [...trust.keys()]
  const asks = [...hosts.values()].some(({ role, login }) => role === 'mtls' && login === undefined)
  return {
    authenticationMethods: authenticationMethods[securityProfile(file)],
    grantTypes,
    profile: securityProfile(file),
    signatureAlgorithms: signatureAlgorithms(securityProfile(file)),
    authorization: authorizationOffer(file),
    trust: names,
    trustDomains: new Map([...trust].flatMap(([name, { spiffe }]) => (spiffe ? [[name, spiffe.trustDomain]] : []))),
    defaultTrust: names.length === 1 ? names[0] : undefined,
    defaultBinding: file.tokens.binding,
    unknownMembers: 'refuse',
    thumbprint: (der) => hash('sha256', der, 'base64url') as CertificateThumbprint,
    server: {
      certificateHost: asks ? 'served' : 'missing',
      dpop: file.tokens.dpop === 'off' ? 'off' : 'offered',
      signingAlgorithms: [file.keys.algorithm],
      encryption: { answers: file.tokens['encrypted-answers'], requestKey: file.keys['request-encryption'] },
    },
  }
}

const strongMethods: readonly ClientAuthenticationMethod[] = [
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'private_key_jwt',
]

/** What each profile switches on; FAPI 2.0 §5.3.2.1 and FAPI 1.0 Advanced §5.2.2 (14) know certificates and `private_key_jwt` only. */
export const authenticationMethods: {
  readonly [Profile in SecurityProfile]: readonly ClientAuthenticationMethod[]
} = {
  none: [
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'private_key_jwt',
    'client_secret_basic',
    'client_secret_post',
    'none',
  ],
  fapi2: strongMethods,
  'fapi2-message-signing': strongMethods,
  'fapi1-advanced': strongMethods,
  brazil: strongMethods,
}

/** Every grant that a client may register. */
export const grantTypes: readonly GrantType[] = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
]

/** The grants that some client may use, or may register: what nobody is registered for is not offered. */
export function grantsInUse({
  clients,
  registration,
}: Pick<Configuration, 'clients' | 'registration'>): readonly GrantType[] {
  const used = clients.summary().grantTypes
  return grantTypes.filter(
    (grant) =>
      grant === 'client_credentials' ||
      used.includes(grant) ||
      registration?.policy.grantTypes.includes(grant) === true,
  )
}

/** The record with its secret as a hash and its lifetime in seconds, as the core reads it. */
function metadataOf(
  record: Readonly<Record<string, unknown>>,
  at: readonly PropertyKey[],
  here: Resolution,
): Readonly<Record<string, unknown>> {
  const { client_secret, client_secret_file, client_secret_hash, access_token_lifetime, ...metadata } = record
  const given = [client_secret, client_secret_file, client_secret_hash].filter((secret) => secret !== undefined)
  if (given.length > 1) here.report(at, 'more than one of client_secret, client_secret_file and client_secret_hash')
  let secret = typeof client_secret === 'string' ? client_secret : undefined
  if (typeof client_secret_file === 'string') {
    secret = here.readFile(here.path(client_secret_file))?.replace(/\r?\n$/, '')
    if (secret === undefined) here.report([...at, 'client_secret_file'], 'not readable')
  }
  for (const { path, problem, hint } of secretProblems({ client_secret: secret, client_secret_hash })) {
    const member = path === 'client_secret' && client_secret === undefined ? 'client_secret_file' : path
    here.report([...at, member], problem, hint)
  }
  const secretHash = secret === undefined ? client_secret_hash : plainSecretHash(secret)
  return {
    ...metadata,
    ...(secretHash === undefined ? {} : { client_secret_hash: secretHash }),
    ...(access_token_lifetime === undefined
      ? {}
      : { access_token_lifetime: durationSeconds(access_token_lifetime as DurationText) }),
  }
}

/** `jwks.keys[0].x5c` as path parts. */
function pathOf(path: string): readonly PropertyKey[] {
  return path.split(/[.[\]]+/).flatMap((part) => (part === '' ? [] : [/^[0-9]+$/.test(part) ? Number(part) : part]))
}
