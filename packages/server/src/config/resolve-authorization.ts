import { signatureAlgorithms } from '@holdfast/core'
import type { AuthorizationDetailsType, AuthorizationOffer, SecurityProfile } from '@holdfast/core'
import type { AuthorizationConfiguration } from './configuration.ts'
import type { ConfigurationFile } from './configuration-file.ts'
import { durationSeconds } from './duration.ts'
import type { Resolution } from './resolution.ts'

/** What the file says about people's authorizations. */
export function resolveAuthorization(file: ConfigurationFile, here: Resolution): AuthorizationConfiguration {
  const { tokens, limits } = file
  const codeLifetime = durationSeconds(tokens['authorization-code-lifetime'])
  const pushedRequestLifetime = durationSeconds(tokens['pushed-request-lifetime'])
  if (codeLifetime < 1 || codeLifetime > longestCode) {
    here.report(['tokens', 'authorization-code-lifetime'], `not from 1 to ${longestCode} seconds`, 'RFC 6749 §4.1.2')
  }
  const profile = securityProfile(file)
  if (isFapi2(profile) && codeLifetime > 60) {
    here.report(['tokens', 'authorization-code-lifetime'], 'longer than 60 s', 'FAPI 2.0 §5.3.2.1')
  }
  if (pushedRequestLifetime < 1 || pushedRequestLifetime >= longestPushedRequest) {
    here.report(
      ['tokens', 'pushed-request-lifetime'],
      `not shorter than ${longestPushedRequest} seconds`,
      'FAPI 2.0 §5.3.2.2',
    )
  }
  return {
    codeLifetime,
    pushedRequestLifetime,
    idTokenLifetime: durationSeconds(tokens['id-token-lifetime']),
    authorizationLifetime: durationSeconds(tokens['authorization-lifetime']),
    refreshTokenLifetime: durationSeconds(tokens['refresh-token-lifetime']),
    refreshTokenGrace: durationSeconds(tokens['refresh-token-grace']),
    deviceCodeLifetime: durationSeconds(tokens['device-code-lifetime']),
    authenticationRequestLifetime: durationSeconds(tokens['authentication-request-lifetime']),
    pollInterval: durationSeconds(tokens['poll-interval']),
    interactionTime: durationSeconds(limits['interaction-time']),
    detailsTypes: new Map<string, AuthorizationDetailsType>(Object.entries(tokens['authorization-details'])),
    pairwiseSecret: pairwiseSecret(file, here),
  }
}

/** What clients may register of it. */
export function authorizationOffer(file: ConfigurationFile): AuthorizationOffer {
  return {
    responseTypes: ['code', 'code id_token'],
    signingAlgorithms: [file.keys.algorithm],
    requestAlgorithms: signatureAlgorithms(securityProfile(file)),
    authorizationDetailsTypes: Object.keys(file.tokens['authorization-details']),
    pairwiseSubjects: file.tokens['pairwise-secret-file'] === undefined ? 'off' : 'offered',
  }
}

/** The profile of the server; `default` is the absence of one. */
export function securityProfile({ profile }: Pick<ConfigurationFile, 'profile'>): SecurityProfile {
  return profile === 'default' ? 'none' : profile
}

export function isFapi2(profile: SecurityProfile): boolean {
  return profile === 'fapi2' || profile === 'fapi2-message-signing'
}

function pairwiseSecret(file: ConfigurationFile, here: Resolution): string | undefined {
  const path = file.tokens['pairwise-secret-file']
  if (path === undefined) return undefined
  const secret = here.readFile(here.path(path))?.trim() ?? ''
  if (secret.length < shortestSecret) {
    here.report(
      ['tokens', 'pairwise-secret-file'],
      `not readable, or shorter than ${shortestSecret} characters`,
      'openssl rand -base64 32 > FILE, and never change it: people would become others',
    )
  }
  return secret
}

/** Seconds. RFC 6749 §4.1.2: ten minutes at most. */
const longestCode = 600
/** Seconds. FAPI 2.0 §5.3.2.2: less than this. */
const longestPushedRequest = 600
/** 192 bits in base64. */
const shortestSecret = 32
