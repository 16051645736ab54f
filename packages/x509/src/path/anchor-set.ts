import { type CertificateSyntaxFailure, parseCertificate, sameOctets } from '../certificate/parse-certificate.ts'
import { CLIENT_AUTH } from '../extension/extended-key-usage.ts'
import type { KeyUsage } from '../extension/key-usage.ts'
import type { NameConstraints } from '../extension/name-constraints.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import { fail, ok, type Result } from '../result.ts'
import { type CertificateProfile, isSelfIssued } from './certificate-profile.ts'
import { type AuthoritySource, type CertificationAuthority, certificationAuthority } from './certification-authority.ts'
import { brokenKeyRule, DEFAULT_KEY_RULES, type KeyRules } from './key-rules.ts'
import type { KeyRule } from './path-failure.ts'
import { searchBudget } from './search-budget.ts'
import { hasUsableKey, verifySignature } from './verify-signature.ts'

/** What may vouch for a certificate, and what is asked of it. */
export interface AnchorSetOptions {
  readonly name: string
  /** Certificates in DER. Any CA certificate may be an anchor: a path ends at its key and name. */
  readonly anchors: readonly Uint8Array[]
  /** `refused` (default), or `allowed`: a set without anchors vouches for nobody, as a SPIFFE bundle without keys wants it. */
  readonly emptiness?: 'refused' | 'allowed'
  /** CA certificates in DER that clients need not send. They prove nothing by themselves. */
  readonly intermediates?: readonly Uint8Array[]
  /** Counts up when the operator changes the set under the same name; results of another generation are void. */
  readonly generation?: number
  /**
   * `if_present` (default): an extended key usage, where there is one, must hold the purpose or any purpose.
   * `require`: there must be one, and it must hold the purpose itself. `server_auth_too`: as `if_present`, and serverAuth serves as well.
   */
  readonly extendedKeyUsage?: 'require' | 'if_present' | 'server_auth_too'
  /** Dotted identifier; clientAuth unless said. */
  readonly purpose?: string
  /** One of these must be in the leaf's key usage where it has one. `digitalSignature` or `keyAgreement` unless said; none if empty. */
  readonly keyUsage?: readonly KeyUsage[]
  readonly profile?: CertificateProfile
  /** CA certificates between anchor and leaf that are not self-issued: 3 unless said, at most 8. */
  readonly maximumIntermediates?: number
  readonly leafAuthority?: 'refuse' | 'accept'
  readonly anchorValidity?: 'enforce' | 'ignore'
  /** Dotted identifiers, one of which a path must be good for. */
  readonly policies?: readonly string[]
  readonly explicitPolicy?: 'not_required' | 'required'
  readonly policyMapping?: 'allowed' | 'inhibited'
  readonly anyPolicy?: 'allowed' | 'inhibited'
  /** Constraints on top of those that the certificates state. RFC 5937. */
  readonly nameConstraints?: NameConstraints
  readonly keys?: Partial<KeyRules>
}

/** A loaded, checked set of anchors. */
export interface AnchorSet {
  readonly name: string
  readonly generation: number
  readonly anchors: readonly CertificationAuthority[]
  readonly intermediates: readonly CertificationAuthority[]
  readonly warnings: readonly AnchorWarning[]
  readonly settings: AnchorSettings
  /** Both by canonical subject. */
  readonly anchorsByName: ReadonlyMap<string, readonly CertificationAuthority[]>
  readonly intermediatesByName: ReadonlyMap<string, readonly CertificationAuthority[]>
}

export type AnchorSettings = Required<
  Omit<
    AnchorSetOptions,
    'name' | 'anchors' | 'intermediates' | 'emptiness' | 'generation' | 'nameConstraints' | 'policies' | 'keys'
  >
> & {
  readonly nameConstraints: NameConstraints | undefined
  readonly policies: readonly string[] | undefined
  readonly keys: KeyRules
}

/** Why a set cannot be loaded. `list` and `index` say which certificate. */
export type AnchorFailure =
  | { readonly reason: 'anchors_missing' }
  | {
      readonly reason: 'anchor_malformed'
      readonly list: AnchorList
      readonly index: number
      readonly failure: CertificateSyntaxFailure
    }
  | { readonly reason: 'anchor_not_ca'; readonly list: AnchorList; readonly index: number; readonly subject: string }
  | {
      readonly reason: 'anchor_without_key_cert_sign'
      readonly list: AnchorList
      readonly index: number
      readonly subject: string
    }
  | { readonly reason: 'anchor_subject_empty'; readonly list: AnchorList; readonly index: number }
  | {
      readonly reason: 'anchor_key_not_allowed'
      readonly list: AnchorList
      readonly index: number
      readonly subject: string
      readonly rule: KeyRule
    }
  | { readonly reason: 'maximum_intermediates_out_of_range'; readonly maximum: number }

export type AnchorList = 'anchors' | 'intermediates'

/** What an operator should know about a set that was loaded. */
export type AnchorWarning =
  | {
      readonly reason: 'certificate_repeated'
      readonly list: AnchorList
      readonly index: number
      readonly subject: string
    }
  | {
      readonly reason: 'anchors_share_name'
      readonly list: 'anchors'
      readonly index: number
      readonly subject: string
    }
  | {
      readonly reason: 'anchor_not_self_issued'
      readonly list: 'anchors'
      readonly index: number
      readonly subject: string
    }
  | {
      readonly reason: 'intermediate_is_anchor'
      readonly list: 'intermediates'
      readonly index: number
      readonly subject: string
    }
  | {
      readonly reason: 'intermediate_issuer_unknown'
      readonly list: 'intermediates'
      readonly index: number
      readonly issuer: string
    }
  | {
      readonly reason: 'purpose_not_covered'
      readonly list: AnchorList
      readonly index: number
      readonly subject: string
      readonly present: readonly string[]
    }
  | {
      readonly reason: 'expired'
      readonly list: AnchorList
      readonly index: number
      readonly subject: string
      readonly notAfter: number
    }

/** Loads a set of trust anchors; nothing that cannot vouch for anyone gets in. `now`, if given, adds warnings about dates. */
export function createAnchorSet(options: AnchorSetOptions, now?: number): Result<AnchorSet, AnchorFailure> {
  const settings = anchorSettings(options)
  if (options.anchors.length === 0 && options.emptiness !== 'allowed') return fail({ reason: 'anchors_missing' })
  const maximum = settings.maximumIntermediates
  if (!Number.isInteger(maximum) || maximum < 0 || maximum > MAXIMUM_INTERMEDIATES) {
    return fail({ reason: 'maximum_intermediates_out_of_range', maximum })
  }
  const warnings: AnchorWarning[] = []
  const anchors = loadAuthorities(options.anchors, 'anchors', 'anchor', settings, warnings)
  if (!anchors.ok) return anchors
  const intermediates = loadAuthorities(options.intermediates ?? [], 'intermediates', 'configured', settings, warnings)
  if (!intermediates.ok) return intermediates
  warnings.push(...warningsOf(anchors.value, intermediates.value, settings, now))
  return ok({
    name: options.name,
    generation: options.generation ?? 0,
    anchors: anchors.value,
    intermediates: intermediates.value,
    warnings,
    settings,
    anchorsByName: byName(anchors.value),
    intermediatesByName: byName(intermediates.value),
  })
}

function anchorSettings(options: AnchorSetOptions): AnchorSettings {
  return {
    extendedKeyUsage: options.extendedKeyUsage ?? 'if_present',
    purpose: options.purpose ?? CLIENT_AUTH,
    keyUsage: options.keyUsage ?? ['digitalSignature', 'keyAgreement'],
    profile: options.profile ?? 'interop',
    maximumIntermediates: options.maximumIntermediates ?? DEFAULT_INTERMEDIATES,
    leafAuthority: options.leafAuthority ?? 'refuse',
    anchorValidity: options.anchorValidity ?? 'enforce',
    explicitPolicy: options.explicitPolicy ?? (options.policies === undefined ? 'not_required' : 'required'),
    policyMapping: options.policyMapping ?? 'allowed',
    anyPolicy: options.anyPolicy ?? 'allowed',
    policies: options.policies,
    nameConstraints: options.nameConstraints,
    keys: { ...DEFAULT_KEY_RULES, ...options.keys },
  }
}

function loadAuthorities(
  ders: readonly Uint8Array[],
  list: AnchorList,
  source: AuthoritySource,
  settings: AnchorSettings,
  warnings: AnchorWarning[],
): Result<readonly CertificationAuthority[], AnchorFailure> {
  const authorities: CertificationAuthority[] = []
  for (const [index, der] of ders.entries()) {
    const parsed = parseCertificate(der)
    if (!parsed.ok) return fail({ reason: 'anchor_malformed', list, index, failure: parsed.failure })
    const certificate = parsed.value
    const subject = formatDistinguishedName(certificate.subject)
    if (authorities.some((known) => sameOctets(known.certificate.der, der))) {
      warnings.push({ reason: 'certificate_repeated', list, index, subject })
      continue
    }
    const authority = certificationAuthority(certificate, source)
    if (certificate.basicConstraints?.ca !== true) return fail({ reason: 'anchor_not_ca', list, index, subject })
    if (certificate.subject.rdns.length === 0) return fail({ reason: 'anchor_subject_empty', list, index })
    if (certificate.keyUsage?.includes('keyCertSign') === false) {
      return fail({ reason: 'anchor_without_key_cert_sign', list, index, subject })
    }
    const rule =
      brokenKeyRule(certificate.publicKey, settings.keys) ?? (hasUsableKey(authority) ? undefined : 'unusable')
    if (rule !== undefined) return fail({ reason: 'anchor_key_not_allowed', list, index, subject, rule })
    if (source === 'anchor') authority.signedItself = verifySignature(certificate, authority, searchBudget()) === 'good'
    authorities.push(authority)
  }
  return ok(authorities)
}

function warningsOf(
  anchors: readonly CertificationAuthority[],
  intermediates: readonly CertificationAuthority[],
  settings: AnchorSettings,
  now: number | undefined,
): readonly AnchorWarning[] {
  const warnings: AnchorWarning[] = []
  const known = new Set([...anchors, ...intermediates].map(({ certificate }) => certificate.subject.canonical))
  const names = new Set<string>()
  for (const [list, authorities] of [
    ['anchors', anchors],
    ['intermediates', intermediates],
  ] as const) {
    for (const [index, { certificate }] of authorities.entries()) {
      const subject = formatDistinguishedName(certificate.subject)
      const present = certificate.extendedKeyUsage
      if (present !== undefined && !present.includes(settings.purpose) && !present.includes('2.5.29.37.0')) {
        warnings.push({ reason: 'purpose_not_covered', list, index, subject, present })
      }
      if (now !== undefined && certificate.notAfter < now) {
        warnings.push({ reason: 'expired', list, index, subject, notAfter: certificate.notAfter })
      }
      if (list === 'anchors') {
        if (names.has(certificate.subject.canonical))
          warnings.push({ reason: 'anchors_share_name', list, index, subject })
        names.add(certificate.subject.canonical)
        if (!isSelfIssued(certificate)) warnings.push({ reason: 'anchor_not_self_issued', list, index, subject })
      } else if (anchors.some((anchor) => sameOctets(anchor.certificate.der, certificate.der))) {
        warnings.push({ reason: 'intermediate_is_anchor', list, index, subject })
      } else if (!known.has(certificate.issuer.canonical)) {
        const issuer = formatDistinguishedName(certificate.issuer)
        warnings.push({ reason: 'intermediate_issuer_unknown', list, index, issuer })
      }
    }
  }
  return warnings
}

function byName(authorities: readonly CertificationAuthority[]): Map<string, CertificationAuthority[]> {
  return Map.groupBy(authorities, ({ certificate }) => certificate.subject.canonical)
}

const DEFAULT_INTERMEDIATES = 3
/** The hard bound of the search's depth. */
const MAXIMUM_INTERMEDIATES = 8
