import type { Certificate } from '../src/certificate/certificate.ts'
import { parseCertificate } from '../src/certificate/parse-certificate.ts'
import { ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH, SERVER_AUTH } from '../src/extension/extended-key-usage.ts'
import type { KeyUsage } from '../src/extension/key-usage.ts'
import { parseIpAddress } from '../src/name/ip-address.ts'
import { type AnchorSet, createAnchorSet } from '../src/path/anchor-set.ts'
import { type ValidatedPath, validatePath } from '../src/path/validate-path.ts'
import { decodePem } from '../src/pem.ts'
import { checkRevocation } from '../src/revocation/check-revocation.ts'
import { parseCertificateRevocationList } from '../src/revocation/parse-certificate-revocation-list.ts'
import { cpuTime } from './cpu-time.ts'
import { isSubjectAltName } from '../src/subject/subject-alt-name-match.ts'

/** A case of x509-limbo, or of PKITS in its form. */
export interface LimboCase {
  readonly id: string
  readonly validation_kind: 'SERVER' | 'CLIENT'
  readonly trusted_certs: readonly string[]
  readonly untrusted_intermediates: readonly string[]
  readonly peer_certificate: string
  readonly validation_time: string | null
  readonly key_usage: readonly KeyUsage[]
  readonly extended_key_usage: readonly string[]
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly expected_peer_name: PeerName | null
  readonly expected_peer_names: readonly PeerName[]
  readonly max_chain_depth: number | null
  readonly crls: readonly string[]
  readonly params?: PolicyParameters | null
  readonly require_revocation?: boolean
}

interface PeerName {
  readonly kind: 'DNS' | 'IP' | 'RFC822'
  readonly value: string
}

interface PolicyParameters {
  readonly user_initial_policy_set?: readonly string[]
  readonly initial_explicit_policy?: boolean
  readonly initial_policy_mapping_inhibit?: boolean
  readonly initial_any_policy_inhibit?: boolean
}

export interface Verdict {
  readonly accepted: boolean
  readonly reason: string
  /** Milliseconds of the thread's own time. */
  readonly time: number
}

/** Runs one case as the suite maps it to a validator; the time covers everything from the PEM on. */
export function runLimboCase(limbo: LimboCase, profile: 'strict' | 'interop'): Verdict {
  const begun = cpuTime()
  const reason = refusal(limbo, profile)
  return { accepted: reason === undefined, reason: reason ?? 'accepted', time: cpuTime() - begun }
}

function refusal(limbo: LimboCase, profile: 'strict' | 'interop'): string | undefined {
  const leaf = parseCertificate(der(limbo.peer_certificate))
  if (!leaf.ok) return `${leaf.failure.detail} in ${leaf.failure.field}`
  const settings = {
    name: limbo.id,
    profile,
    purpose: purposeOf(limbo),
    keyUsage: limbo.key_usage,
    leafAuthority: 'accept' as const,
    maximumIntermediates: Math.min(limbo.max_chain_depth ?? 8, 8),
    ...policySettings(limbo.params ?? {}),
  }
  // The suite wants a certificate that cannot be an anchor left out, not the whole set refused.
  const usable = limbo.trusted_certs.map(der).filter((anchor) => createAnchorSet({ ...settings, anchors: [anchor] }).ok)
  if (usable.length === 0) return 'no usable anchor'
  const anchors = createAnchorSet({ ...settings, anchors: usable })
  if (!anchors.ok) return anchors.failure.reason
  const untrusted: Certificate[] = []
  for (const pem of limbo.untrusted_intermediates) {
    const certificate = parseCertificate(der(pem))
    if (certificate.ok) untrusted.push(certificate.value)
  }
  const time = limbo.validation_time === null ? Date.now() : Date.parse(limbo.validation_time)
  const now = Math.floor(time / 1000)
  const elapsed = (): number => performance.now()
  const path = validatePath(leaf.value, untrusted, anchors.value, { now, elapsed, presented: 'pool' })
  if (!path.ok) return JSON.stringify(path.failure)
  const names = limbo.expected_peer_name === null ? limbo.expected_peer_names : [limbo.expected_peer_name]
  for (const name of names) if (!isNamed(leaf.value, name, limbo.validation_kind)) return `not named ${name.value}`
  return limbo.crls.length === 0 ? undefined : revoked(limbo, path.value, anchors.value, untrusted, now)
}

function revoked(
  limbo: LimboCase,
  path: ValidatedPath,
  anchors: AnchorSet,
  certificates: readonly Certificate[],
  now: number,
): string | undefined {
  const crls = limbo.crls
    .map((pem) => decodePem(pem, 'X509 CRL'))
    .map((blocks) => parseCertificateRevocationList(blocks.ok ? blocks.value[0]! : new Uint8Array()))
    .filter((crl) => crl.ok)
    .map((crl) => crl.value)
  const mode = limbo.require_revocation === false ? 'soft' : 'hard'
  const status = checkRevocation(path, { crls, certificates }, anchors, { now, mode })
  return status.ok ? undefined : JSON.stringify(status.failure)
}

function der(pem: string): Uint8Array {
  const blocks = decodePem(pem)
  return blocks.ok ? blocks.value[0]! : new Uint8Array()
}

function purposeOf(limbo: LimboCase): string {
  switch (limbo.extended_key_usage[0]) {
    case 'anyExtendedKeyUsage':
      return ANY_EXTENDED_KEY_USAGE
    case 'clientAuth':
      return CLIENT_AUTH
    case 'serverAuth':
      return SERVER_AUTH
    case undefined:
      return limbo.validation_kind === 'CLIENT' ? CLIENT_AUTH : SERVER_AUTH
    default:
      throw new Error(`unknown purpose in ${limbo.id}`)
  }
}

function policySettings(params: PolicyParameters): object {
  return {
    ...(params.user_initial_policy_set === undefined ? {} : { policies: params.user_initial_policy_set }),
    explicitPolicy: params.initial_explicit_policy === true ? 'required' : 'not_required',
    policyMapping: params.initial_policy_mapping_inhibit === true ? 'inhibited' : 'allowed',
    anyPolicy: params.initial_any_policy_inhibit === true ? 'inhibited' : 'allowed',
  }
}

/** Servers may be named by a left-most wildcard; clients, and everything in this package, may not. */
function isNamed(leaf: Certificate, { kind, value }: PeerName, validation: 'SERVER' | 'CLIENT'): boolean {
  if (kind === 'RFC822') return isSubjectAltName(leaf, { kind: 'email', email: value })
  if (kind === 'IP') {
    const address = parseIpAddress(value)
    return address.ok && isSubjectAltName(leaf, { kind: 'ip', address: address.value })
  }
  const wildcard = /^[^.]+\.[^.]+\./.test(value) ? value.replace(/^[^.]+\./, '*.') : value
  return leaf.subjectAltNames.some((name) => {
    if (name.kind !== 'dns') return false
    const presented = name.name.toLowerCase()
    return presented === value.toLowerCase() || (validation === 'SERVER' && presented === wildcard.toLowerCase())
  })
}
