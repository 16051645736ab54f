import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { TlsNameCertificate } from '@holdfast/edge'
import { createAnchorSet, decodePem, fail, ok, parseCertificate } from '@holdfast/x509'
import type { AnchorFailure, AnchorSet, PemFailure, Result } from '@holdfast/x509'
import type { Configuration, TlsConfiguration, TrustConfiguration } from '../config/configuration.ts'
import { formatPath } from '../config/configuration-problem.ts'
import type { UnplacedProblem } from '../config/resolution.ts'
import { ephemeralMasterKey, readMasterKeyFile } from '../keys/master-key.ts'
import type { MasterKey } from '../keys/master-key.ts'
import type { ExpiryGauge } from '../metrics/metrics.ts'

/** Everything that the configuration names by path, read and checked. */
export interface Material {
  readonly anchors: ReadonlyMap<string, AnchorSet>
  /** DER of the intermediates of each trust whose anchors are the bundle of a SPIFFE trust domain. */
  readonly spiffeIntermediates: ReadonlyMap<string, readonly Uint8Array[]>
  /** By listener index and host. */
  readonly identities: ReadonlyMap<string, TlsNameCertificate>
  /** The present one first. */
  readonly masterKeys: readonly MasterKey[]
  readonly expiries: readonly ExpiryGauge[]
  /** What an operator should know, though it is no reason not to start. */
  readonly warnings: readonly MaterialWarning[]
}

export interface MaterialWarning {
  readonly path: string
  readonly warning: string
  readonly hint?: string
}

/** In the place of a host: what a listener shows to its proxy. */
export const towardsProxy = ''

/** Name of an identity in {@link Material}. */
export function identityName(listener: number, host: string): string {
  return `${listener} ${host}`
}

/**
 * Reads certificates, keys and trust. A file that is missing, empty, malformed or not what it should be is a problem, and
 * all problems come at once: nothing is ever left out silently.
 */
export function loadMaterial(configuration: Configuration): Result<Material, readonly UnplacedProblem[]> {
  const reading: Reading = { problems: [], warnings: [...configuration.advice], expiries: [], identities: new Map() }
  const anchors = new Map<string, AnchorSet>()
  const spiffeIntermediates = new Map<string, readonly Uint8Array[]>()
  for (const [name, trust] of configuration.trust) {
    const set = loadTrust(name, trust, reading)
    if (set === undefined) continue
    if (trust.spiffe === undefined) anchors.set(name, set)
    else
      spiffeIntermediates.set(
        name,
        set.intermediates.map(({ certificate }) => certificate.der),
      )
  }
  for (const [index, listener] of configuration.listeners.entries()) {
    if (listener.tls === undefined) continue
    if (listener.clientCertificate !== undefined) {
      const identity = loadIdentity(undefined, listener.tls, ['listeners', index, 'tls'], reading)
      if (identity !== undefined) reading.identities.set(identityName(index, towardsProxy), identity)
      continue
    }
    for (const host of listener.hosts) {
      const own = configuration.hosts.get(host)?.tls
      const at = own === undefined ? ['listeners', index, 'tls'] : ['hosts', host, 'tls']
      const identity = loadIdentity(host, own ?? listener.tls, at, reading)
      if (identity !== undefined) reading.identities.set(identityName(index, host), identity)
    }
  }
  const masterKeys = loadMasterKeys(configuration.keys, reading)
  if (reading.problems.length > 0) return fail(reading.problems)
  const { identities, expiries, warnings } = reading
  return ok({ anchors, spiffeIntermediates, identities, masterKeys, expiries, warnings })
}

interface Reading {
  readonly problems: UnplacedProblem[]
  readonly warnings: MaterialWarning[]
  readonly expiries: ExpiryGauge[]
  readonly identities: Map<string, TlsNameCertificate>
}

function loadTrust(name: string, trust: TrustConfiguration, reading: Reading): AnchorSet | undefined {
  const before = reading.problems.length
  const anchors = loadCertificates(['trust', name, 'anchors'], trust.anchors, 'trust_anchor', reading)
  const intermediates = loadCertificates(
    ['trust', name, 'intermediates'],
    trust.intermediates,
    'trust_intermediate',
    reading,
  )
  if (reading.problems.length > before) return undefined
  const set = createAnchorSet({
    name,
    anchors: anchors.map(({ der }) => der),
    emptiness: trust.spiffe === undefined ? 'refused' : 'allowed',
    intermediates: intermediates.map(({ der }) => der),
    extendedKeyUsage: trust.extendedKeyUsage,
    profile: trust.profile,
  })
  if (!set.ok) {
    const { failure } = set
    const lists = { anchors, intermediates }
    const from = 'list' in failure ? lists[failure.list][failure.index]?.file : undefined
    report(reading, ['trust', name], anchorProblem(failure) + (from === undefined ? '' : ` (${from})`))
    return undefined
  }
  for (const warning of trust.spiffe === undefined ? set.value.warnings : []) {
    reading.warnings.push({ path: formatPath(['trust', name]), warning: warning.reason })
  }
  return set.value
}

interface LoadedCertificate {
  readonly der: Uint8Array
  readonly file: string
}

function loadCertificates(
  at: readonly PropertyKey[],
  files: readonly string[],
  kind: 'trust_anchor' | 'trust_intermediate',
  reading: Reading,
): readonly LoadedCertificate[] {
  return files.flatMap((file, index) => {
    const text = readText(file, [...at, index], reading)
    if (text === undefined) return []
    const blocks = decodePem(text)
    if (!blocks.ok) {
      report(reading, [...at, index], `${file}: ${pemProblem(blocks.failure)}`, 'certificates in PEM and nothing else')
      return []
    }
    return blocks.value.flatMap((der) => {
      const certificate = parseCertificate(der)
      if (!certificate.ok) {
        report(reading, [...at, index], `${file}: not a certificate`)
        return []
      }
      reading.expiries.push({ kind, name: file, expiresAt: certificate.value.notAfter })
      return [{ der, file }]
    })
  })
}

function loadIdentity(
  host: string | undefined,
  tls: TlsConfiguration,
  at: readonly PropertyKey[],
  reading: Reading,
): TlsNameCertificate | undefined {
  const certificate = readText(tls.certificate, [...at, 'certificate'], reading)
  const key = readText(tls.key, [...at, 'key'], reading)
  if (certificate === undefined || key === undefined) return undefined
  const leaf = orUndefined(() => new X509Certificate(certificate))
  const privateKey = orUndefined(() => createPrivateKey(key))
  if (leaf === undefined) {
    report(reading, [...at, 'certificate'], `${tls.certificate}: not a certificate in PEM`)
  }
  if (privateKey === undefined)
    report(reading, [...at, 'key'], `${tls.key}: not a private key in PEM without a passphrase`)
  if (leaf === undefined || privateKey === undefined) return undefined
  if (!leaf.checkPrivateKey(privateKey)) {
    report(reading, [...at, 'key'], `${tls.key}: not the key of ${tls.certificate}`, 'the leaf must stand first')
    return undefined
  }
  const name = host?.replace(/:[0-9]+$/, '')
  if (name !== undefined && leaf.checkHost(name) === undefined) {
    reading.warnings.push({
      path: formatPath([...at, 'certificate']),
      warning: `the certificate does not name ${name}`,
    })
  }
  reading.expiries.push({
    kind: 'server_certificate',
    name: host ?? formatPath(at),
    expiresAt: leaf.validToDate.getTime() / 1000,
  })
  return { certificate, key }
}

function loadMasterKeys(keys: Configuration['keys'], reading: Reading): readonly MasterKey[] {
  if (keys.masterKeyFile === undefined) return [ephemeralMasterKey()]
  const files = [
    { file: keys.masterKeyFile, at: ['keys', 'master-key-file'] },
    ...keys.previousMasterKeyFiles.map((file, index) => ({ file, at: ['keys', 'previous-master-key-files', index] })),
  ]
  return files.flatMap(({ file, at }) => {
    try {
      const mode = statSync(file).mode & 0o777
      if ((mode & 0o077) !== 0) {
        reading.warnings.push({ path: formatPath(at), warning: `readable by others (mode ${mode.toString(8)})` })
      }
      return [readMasterKeyFile(file)]
    } catch (error) {
      const problem = error instanceof TypeError ? error.message : `${file}: ${systemProblem(error)}`
      report(reading, at, problem, 'holdfast init makes one')
      return []
    }
  })
}

function readText(file: string, at: readonly PropertyKey[], reading: Reading): string | undefined {
  try {
    if (statSync(file).size > maximumFile) {
      report(reading, at, `${file}: longer than ${maximumFile} bytes`)
      return undefined
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    report(reading, at, `${file}: ${systemProblem(error)}`)
    return undefined
  }
}

function report(reading: Reading, at: readonly PropertyKey[], problem: string, hint?: string): void {
  reading.problems.push({ at, path: formatPath(at), line: undefined, problem, expected: undefined, hint })
}

function pemProblem(failure: PemFailure): string {
  return `${failure.reason.replace(/^pem_/, '').replaceAll('_', ' ')} in line ${failure.line}`
}

function anchorProblem(failure: AnchorFailure): string {
  const subject = 'subject' in failure ? ` (${failure.subject})` : ''
  const which = 'list' in failure ? `certificate ${failure.index + 1} of the ${failure.list}${subject} ` : ''
  return which + anchorFaults[failure.reason]
}

const anchorFaults: Readonly<Record<AnchorFailure['reason'], string>> = {
  anchors_missing: 'no anchor: at least one CA certificate is needed',
  anchor_malformed: 'is not a well-formed certificate',
  anchor_not_ca: 'is no CA certificate (basicConstraints does not say cA), so it can vouch for nobody',
  anchor_without_key_cert_sign: 'may not sign certificates (its keyUsage lacks keyCertSign)',
  anchor_subject_empty: 'has no subject name, so no certificate can name it as its issuer',
  anchor_key_not_allowed: 'has a key that is not allowed here: too short, or of another kind',
  maximum_intermediates_out_of_range: 'maximum-intermediates is out of range',
}

function systemProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'is a folder, not a file'
  if (code === 'EACCES') return 'may not be read by this user'
  return `cannot be read${code === undefined ? '' : ` (${code})`}`
}

function orUndefined<Value>(make: () => Value): Value | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** A bundle of every public CA has a quarter of this. */
const maximumFile = 1_048_576
