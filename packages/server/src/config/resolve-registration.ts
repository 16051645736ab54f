import { hash } from 'node:crypto'
import { parseJsonWebKeySet, parseScope } from '@holdfast/core'
import type {
  CertificateThumbprint,
  KeySource,
  RegistrationPolicy,
  RegistrationRules,
  SecurityProfile,
} from '@holdfast/core'
import { opaqueDigest } from '../adapter/random-identifiers.ts'
import type { RegistrationConfiguration } from './configuration.ts'
import type { ConfigurationFile } from './configuration-file.ts'
import { durationSeconds } from './duration.ts'
import type { RegistrationFile, StatementIssuerFile } from './registration-shape.ts'
import { securityProfile } from './resolve-authorization.ts'
import type { Resolution } from './resolution.ts'

/** The policy for clients that register themselves; nobody may where nothing is said. Problems are reported at `registration`. */
export function resolveRegistration(
  { registration: file, profile }: Pick<ConfigurationFile, 'registration' | 'profile'>,
  rules: RegistrationRules,
  here: Resolution,
): RegistrationConfiguration | undefined {
  if (file === undefined) return undefined
  return { endpoint: file.endpoint, policy: policyOf(file, securityProfile({ profile }), rules, here), rules }
}

function policyOf(
  file: RegistrationFile,
  profile: SecurityProfile,
  { trust, grantTypes, authenticationMethods }: RegistrationRules,
  here: Resolution,
): RegistrationPolicy {
  const at = (...path: PropertyKey[]): PropertyKey[] => ['registration', ...path]
  for (const [index, name] of file['certificate-trust'].entries()) {
    if (!trust.includes(name))
      here.report(at('certificate-trust', index), 'no such trust', `one of ${trust.join(', ')}`)
  }
  if (file.trust !== undefined && !trust.includes(file.trust)) {
    here.report(at('trust'), 'no such trust', `one of ${trust.join(', ')}`)
  }
  const statements = file['software-statements']
  const tokens = file['initial-access-token-files']
  const guarded = tokens.length > 0 || file['certificate-trust'].length > 0 || statements?.required === true
  if (!guarded && !file['dangerously-open'] && file.endpoint === 'on') {
    const hint = 'initial-access-token-files, certificate-trust or required software-statements'
    here.report(at(), 'anybody could register clients', hint)
  }
  if (file['dangerously-open']) here.dangers.push('registration.dangerously-open')
  if (file.rules === 'brazil' && (statements?.required !== true || file['certificate-trust'].length === 0)) {
    here.report(at('rules'), 'brazil needs required software-statements and a certificate-trust', 'OFB DCR §7.1')
  }
  const scope = file.scope === '' ? undefined : parseScope(file.scope)
  if (scope?.ok === false) here.report(at('scope'), 'not scope values separated by single blanks')
  return {
    initialAccessTokens:
      tokens.length === 0 ? undefined : new Set(tokens.flatMap((path, index) => token(path, index, here))),
    certificateTrust: file['certificate-trust'].length === 0 ? undefined : file['certificate-trust'],
    softwareStatements: statements && {
      demand: statements.required ? 'required' : 'optional',
      issuers: new Map(
        Object.entries(statements.issuers).flatMap(([issuer, value]) => {
          const keys = statementKeys(issuer, value, here)
          return keys === undefined ? [] : [[issuer, { keys, algorithms: value.algorithms }] as const]
        }),
      ),
      maximumAge: maximumAge(statements['maximum-age'], file.rules),
    },
    scope: scope?.ok === true ? scope.value : [],
    grantTypes: known(file['grant-types'], grantTypes, at('grant-types'), here),
    authenticationMethods: known(
      file['authentication-methods'],
      authenticationMethods,
      at('authentication-methods'),
      here,
    ),
    trust: file.trust,
    resource: file.resource,
    rules: file.rules,
    binding: profile === 'none' && file.rules === 'none' ? 'as_registered' : 'required',
  }
}

/** Open Finance Brasil: a statement is good for five minutes (DCR §7.1). */
function maximumAge(
  written: Parameters<typeof durationSeconds>[0] | undefined,
  rules: RegistrationFile['rules'],
): number | undefined {
  if (written !== undefined) return durationSeconds(written)
  return rules === 'brazil' ? 300 : undefined
}

function token(path: string, index: number, here: Resolution): readonly string[] {
  const text = here.readFile(here.path(path))?.trim() ?? ''
  if (text.length >= minimumToken && b64token.test(text)) return [opaqueDigest(text)]
  here.report(
    ['registration', 'initial-access-token-files', index],
    `not readable, shorter than ${minimumToken} characters, or with others than base64 has`,
    'openssl rand -base64 32 > FILE',
  )
  return []
}

function statementKeys(issuer: string, file: StatementIssuerFile, here: Resolution): KeySource | undefined {
  const at = ['registration', 'software-statements', 'issuers', issuer]
  const { 'jwks-file': path, 'jwks-uri': uri } = file
  if ((path === undefined) === (uri === undefined)) return here.report(at, 'one of jwks-file and jwks-uri is needed')
  if (uri !== undefined) {
    if (URL.canParse(uri) && new URL(uri).protocol === 'https:') return { kind: 'jwks_uri', uri }
    return here.report([...at, 'jwks-uri'], 'not an https URL')
  }
  const text = here.readFile(here.path(path ?? ''))
  if (text === undefined) return here.report([...at, 'jwks-file'], 'not readable')
  try {
    const { keys, problems } = parseJsonWebKeySet(JSON.parse(text), thumbprint)
    for (const { path: place, problem, hint } of problems) {
      here.report([...at, 'jwks-file'], place === '' ? problem : `${place}: ${problem}`, hint)
    }
    return { kind: 'registered', keys }
  } catch {
    return here.report([...at, 'jwks-file'], 'not JSON')
  }
}

function known<Value extends string>(
  written: readonly string[],
  offered: readonly Value[],
  at: readonly PropertyKey[],
  here: Resolution,
): readonly Value[] {
  return written.flatMap((text, index) => {
    const match = offered.find((one) => one === text)
    if (match === undefined) here.report([...at, index], 'not offered here', `one of ${offered.join(', ')}`)
    return match === undefined ? [] : [match]
  })
}

function thumbprint(der: Uint8Array): CertificateThumbprint {
  return hash('sha256', der, 'base64url') as CertificateThumbprint
}

/** What can be sent as a bearer token (RFC 6750 §2.1). */
const b64token = /^[A-Za-z0-9._~+/-]+=*$/

/** 192 bits in base64. */
const minimumToken = 32
