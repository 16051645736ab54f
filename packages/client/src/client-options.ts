import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

import type { ClientAuthentication } from './authentication/client-authentication.ts'
import { usualAlgorithm } from './authentication/private-key-jwt.ts'
import type { AssertionAlgorithm } from './authentication/private-key-jwt.ts'
import { certificatePaths, materialOf } from './certificate/certificate-files.ts'
import type { CertificateFiles } from './certificate/certificate-files.ts'
import { clientCertificate } from './certificate/client-certificate.ts'
import type { CertificateMaterial, ClientCertificate } from './certificate/client-certificate.ts'
import type { ClientError } from './client-error.ts'
import type { Timeouts } from './transport/agent.ts'

/** What {@link createClient} takes. Only `issuer`, `clientId` and `authentication` are needed by everyone. */
export interface ClientOptions {
  /** The authorization server's identifier, exactly as it calls itself: `https://login.example.com`. */
  readonly issuer: string
  readonly clientId: string
  /** The method that is registered for this client, with what it needs. */
  readonly authentication:
    | 'tls_client_auth'
    | 'self_signed_tls_client_auth'
    | 'none'
    | {
        readonly method: 'private_key_jwt'
        /** PEM or a `KeyObject`. */
        readonly key: string | KeyObject
        /** When absent: ES256, EdDSA or PS256, by the kind of the key. */
        readonly algorithm?: AssertionAlgorithm
        readonly keyId?: string
      }
    | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }
  /**
   * The certificate that is presented to the authorization server and to APIs: PEM or PKCS#12 in memory, or files, which are
   * read again when they change.
   */
  readonly certificate?: CertificateMaterial | CertificateFiles
  /** Whom to trust as server, PEM. When absent: the authorities that Node trusts. */
  readonly ca?: string | readonly string[]
  /** `required`, the default with a certificate: a token that is not bound to it is refused. `off`, the default without. */
  readonly binding?: 'required' | 'off'
  /** `use`, the default: RFC 8705 §5. `ignore` for a client that is told to stay at the top-level endpoints. */
  readonly mtlsEndpointAliases?: 'use' | 'ignore'
  /** What every token is asked for unless the call says otherwise. */
  readonly scope?: string
  /** The API or APIs that every token is for unless the call says otherwise (RFC 8707). */
  readonly resource?: string | readonly string[]
  /** Seconds. */
  readonly timeouts?: Partial<Timeouts>
  /** Told when renewed certificate files cannot be used; the old certificate stays in use. */
  readonly onCertificateProblem?: (problem: ClientError) => void
}

/** The options, checked, with every default in its place. */
export interface ClientSettings {
  readonly issuer: string
  readonly clientId: string
  readonly authentication: ClientAuthentication
  readonly certificate: ClientCertificate | undefined
  readonly certificateFiles: CertificateFiles | undefined
  readonly ca: readonly string[] | undefined
  readonly binding: 'required' | 'off'
  readonly mtlsEndpointAliases: 'use' | 'ignore'
  readonly scope: string | undefined
  readonly resource: readonly string[]
  readonly timeouts: Timeouts
  readonly onCertificateProblem: (problem: ClientError) => void
}

/**
 * Checks the options and puts in the defaults.
 *
 * @throws TypeError that names every problem with its path
 */
export function clientSettings(options: ClientOptions): ClientSettings {
  const problems: string[] = []
  const given = options as Partial<Record<keyof ClientOptions, unknown>>
  if (typeof options !== 'object' || options === null) throw new TypeError('client options: must be an object')
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) problems.push(`${name} is not an option; there are ${KNOWN.join(', ')}`)
  }
  if (!isIssuer(given.issuer)) problems.push('issuer must be an https URL without query and fragment')
  if (typeof given.clientId !== 'string' || given.clientId === '') problems.push('clientId must be a non-empty string')

  const authentication = readAuthentication(given.authentication, problems)
  const { certificate, certificateFiles } = readCertificate(options.certificate, problems)
  const needsCertificate =
    authentication?.method === 'tls_client_auth' || authentication?.method === 'self_signed_tls_client_auth'
  if (needsCertificate && options.certificate === undefined) {
    problems.push(`certificate is needed for authentication ${authentication.method}`)
  }
  if (options.binding === 'required' && options.certificate === undefined) {
    problems.push('certificate is needed for binding required')
  }
  oneOf(given, 'binding', ['required', 'off'], problems)
  oneOf(given, 'mtlsEndpointAliases', ['use', 'ignore'], problems)
  const ca = readAuthorities(given.ca, problems)
  if (given.scope !== undefined && typeof given.scope !== 'string') problems.push('scope must be a string')
  const resource = readResource(given.resource, problems)
  const timeouts = readTimeouts(options.timeouts, problems)
  if (given.onCertificateProblem !== undefined && typeof given.onCertificateProblem !== 'function') {
    problems.push('onCertificateProblem must be a function')
  }

  if (problems.length > 0 || authentication === undefined) throw new TypeError(`client options: ${problems.join('; ')}`)
  return {
    issuer: options.issuer,
    clientId: options.clientId,
    authentication,
    certificate,
    certificateFiles,
    ca,
    binding: options.binding ?? (certificate === undefined ? 'off' : 'required'),
    mtlsEndpointAliases: options.mtlsEndpointAliases ?? 'use',
    scope: options.scope,
    resource,
    timeouts,
    onCertificateProblem: options.onCertificateProblem ?? (() => undefined),
  }
}

const KNOWN: readonly string[] = [
  'issuer',
  'clientId',
  'authentication',
  'certificate',
  'ca',
  'binding',
  'mtlsEndpointAliases',
  'scope',
  'resource',
  'timeouts',
  'onCertificateProblem',
]

function isIssuer(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, search, hash, username } = new URL(value)
  return protocol === 'https:' && search === '' && hash === '' && username === ''
}

function readAuthentication(value: unknown, problems: string[]): ClientAuthentication | undefined {
  if (value === 'tls_client_auth' || value === 'self_signed_tls_client_auth' || value === 'none')
    return { method: value }
  const members = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const { method } = members
  if (method === 'client_secret_basic' || method === 'client_secret_post') {
    const { secret } = members
    if (typeof secret === 'string' && secret !== '') return { method, secret }
    problems.push('authentication.secret must be a non-empty string')
    return undefined
  }
  if (method === 'private_key_jwt') return readAssertionKey(members, problems)
  problems.push(
    "authentication must be 'tls_client_auth', 'self_signed_tls_client_auth', 'none', or an object with method " +
      'private_key_jwt, client_secret_basic or client_secret_post',
  )
  return undefined
}

function readAssertionKey(
  members: Readonly<Record<string, unknown>>,
  problems: string[],
): ClientAuthentication | undefined {
  const { keyId, algorithm: wanted } = members
  let key: KeyObject
  try {
    key = typeof members['key'] === 'string' ? createPrivateKey(members['key']) : (members['key'] as KeyObject)
    if (key.type !== 'private') throw new TypeError()
  } catch {
    problems.push('authentication.key must be a private key, PEM or KeyObject')
    return undefined
  }
  const usual = usualAlgorithm(key)
  const algorithm = wanted === 'RS256' && usual === 'PS256' ? 'RS256' : usual
  if (algorithm === undefined || (wanted !== undefined && wanted !== algorithm)) {
    problems.push('authentication.algorithm does not fit authentication.key: use EC P-256, Ed25519 or RSA')
    return undefined
  }
  if (keyId !== undefined && typeof keyId !== 'string') {
    problems.push('authentication.keyId must be a string')
    return undefined
  }
  return { method: 'private_key_jwt', assertionKey: { key, algorithm, keyId } }
}

function readCertificate(
  value: ClientOptions['certificate'],
  problems: string[],
): { certificate: ClientCertificate | undefined; certificateFiles: CertificateFiles | undefined } {
  const nothing = { certificate: undefined, certificateFiles: undefined }
  if (value === undefined) return nothing
  const certificateFiles = 'certFile' in value || 'pfxFile' in value ? value : undefined
  if (certificateFiles === undefined && !('cert' in value && 'key' in value) && !('pfx' in value)) {
    problems.push('certificate must be { cert, key }, { pfx }, { certFile, keyFile } or { pfxFile }')
    return nothing
  }
  let material = value as CertificateMaterial
  if (certificateFiles !== undefined) {
    try {
      material = materialOf(
        certificateFiles,
        certificatePaths(certificateFiles).map((path) => readFileSync(path)),
      )
    } catch (error) {
      problems.push(`certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      return nothing
    }
  }
  const certificate = clientCertificate(material)
  if (certificate.ok) return { certificate: certificate.value, certificateFiles }
  problems.push(`certificate cannot be used: ${certificate.failure.detail}`)
  return nothing
}

function readAuthorities(value: unknown, problems: string[]): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  list.forEach((pem, index) => {
    if (typeof pem !== 'string' || !pem.includes('-----BEGIN CERTIFICATE-----')) {
      problems.push(`ca${Array.isArray(value) ? `[${index}]` : ''} must be a certificate in PEM`)
    }
  })
  return list as readonly string[]
}

function readResource(value: unknown, problems: string[]): readonly string[] {
  if (value === undefined) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  list.forEach((uri, index) => {
    if (typeof uri !== 'string' || !URL.canParse(uri) || uri.includes('#')) {
      problems.push(`resource${Array.isArray(value) ? `[${index}]` : ''} must be an absolute URI without fragment`)
    }
  })
  return list as readonly string[]
}

function readTimeouts(value: Partial<Timeouts> | undefined, problems: string[]): Timeouts {
  for (const [name, seconds] of Object.entries(value ?? {})) {
    if (!Object.hasOwn(DEFAULT_TIMEOUTS, name)) problems.push(`timeouts.${name} is not an option`)
    else if (typeof seconds !== 'number' || !(seconds > 0))
      problems.push(`timeouts.${name} must be a number of seconds above 0`)
  }
  return { ...DEFAULT_TIMEOUTS, ...value }
}

function oneOf(
  given: Partial<Record<keyof ClientOptions, unknown>>,
  name: keyof ClientOptions,
  values: readonly string[],
  problems: string[],
): void {
  const value = given[name]
  if (value !== undefined && !(typeof value === 'string' && values.includes(value))) {
    problems.push(`${name} must be ${values.map((one) => `'${one}'`).join(' or ')}`)
  }
}

// Seconds. A token is on the way of a request that someone waits for; an API may have to think.
const DEFAULT_TIMEOUTS: Timeouts = { connect: 10, authorizationServer: 10, response: 60 }
