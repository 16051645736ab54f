import { createHash } from 'node:crypto'
import { DerReader } from '../der/der-reader.ts'
import { subjectPublicKey } from '../key/subject-public-key.ts'
import {
  type Der,
  ascii,
  derBoolean,
  derContextConstructed,
  derContextPrimitive,
  derElement,
  derEnumerated,
  derGeneralizedTime,
  derInteger,
  derNamedBits,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derUtf8String,
  namedBits,
} from './der.ts'
import { type GeneralNameTemplate, encodeGeneralName } from './general-name-template.ts'

/** One extension of a certificate, CRL, CRL entry or OCSP structure, ready to be written; `value` is the DER inside the OCTET STRING. */
export interface ExtensionTemplate {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

/** Writes an Extension (RFC 5280 §4.1). */
export function encodeExtension(extension: ExtensionTemplate): Der {
  const critical = extension.critical ? [derBoolean(true)] : []
  return derSequence(derObjectIdentifier(extension.oid), ...critical, derOctetString(extension.value))
}

/** RFC 5280 §4.2.1.9. Critical. */
export function basicConstraintsExtension(constraints: {
  readonly ca: boolean
  readonly pathLength?: number
}): ExtensionTemplate {
  const ca = constraints.ca ? [derBoolean(true)] : []
  const pathLength = constraints.pathLength === undefined ? [] : [derInteger(constraints.pathLength)]
  return { oid: '2.5.29.19', critical: true, value: derSequence(...ca, ...pathLength) }
}

/** A bit of KeyUsage. */
export type KeyUsageName = keyof typeof keyUsageBits

/** RFC 5280 §4.2.1.3. Critical. */
export function keyUsageExtension(usages: readonly KeyUsageName[]): ExtensionTemplate {
  return { oid: '2.5.29.15', critical: true, value: derNamedBits(usages.map((usage) => keyUsageBits[usage])) }
}

/** A key purpose by its name in RFC 5280 §4.2.1.12, or any other by its OID. */
export type KeyPurpose = keyof typeof keyPurposes | `${number}.${string}`

/** RFC 5280 §4.2.1.12. Not critical. */
export function extendedKeyUsageExtension(purposes: readonly KeyPurpose[]): ExtensionTemplate {
  return {
    oid: '2.5.29.37',
    critical: false,
    value: derSequence(...purposes.map((purpose) => derObjectIdentifier(purposeOid(purpose)))),
  }
}

/** RFC 5280 §4.2.1.6. Critical only when the subject is empty, which the caller must say. */
export function subjectAltNameExtension(names: readonly GeneralNameTemplate[], critical = false): ExtensionTemplate {
  return { oid: '2.5.29.17', critical, value: derSequence(...names.map(encodeGeneralName)) }
}

/** RFC 5280 §4.2.1.7. Not critical. */
export function issuerAltNameExtension(names: readonly GeneralNameTemplate[]): ExtensionTemplate {
  return { oid: '2.5.29.18', critical: false, value: derSequence(...names.map(encodeGeneralName)) }
}

/** RFC 5280 §4.2.1.2. Not critical. */
export function subjectKeyIdentifierExtension(keyIdentifier: Uint8Array): ExtensionTemplate {
  return { oid: '2.5.29.14', critical: false, value: derOctetString(keyIdentifier) }
}

/** RFC 5280 §4.2.1.1. Not critical. */
export function authorityKeyIdentifierExtension(authority: {
  readonly keyIdentifier?: Uint8Array
  readonly issuer?: readonly GeneralNameTemplate[]
  readonly serialNumber?: Uint8Array
}): ExtensionTemplate {
  const keyIdentifier = authority.keyIdentifier === undefined ? [] : [derContextPrimitive(0, authority.keyIdentifier)]
  const issuer =
    authority.issuer === undefined ? [] : [derContextConstructed(1, ...authority.issuer.map(encodeGeneralName))]
  const serialNumber = authority.serialNumber === undefined ? [] : [derContextPrimitive(2, authority.serialNumber)]
  return { oid: '2.5.29.35', critical: false, value: derSequence(...keyIdentifier, ...issuer, ...serialNumber) }
}

/** The key identifier of a SubjectPublicKeyInfo: the leftmost 160 bits of SHA-256 over the key's BIT STRING (RFC 7093 §2 method 1). */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  const { keyOctets } = subjectPublicKey(new DerReader(spki), spki.length)
  return createHash('sha256').update(keyOctets).digest().slice(0, keyIdentifierOctets)
}

/** Why a certificate was revoked, or what reasons a CRL covers (RFC 5280 §5.3.1). */
export type RevocationReason = keyof typeof revocationReasons

/** One DistributionPoint (RFC 5280 §4.2.1.13). */
export interface DistributionPointTemplate {
  readonly fullName?: readonly GeneralNameTemplate[]
  readonly reasons?: readonly RevocationReason[]
  readonly crlIssuer?: readonly GeneralNameTemplate[]
}

/** RFC 5280 §4.2.1.13. Not critical. */
export function crlDistributionPointsExtension(points: readonly DistributionPointTemplate[]): ExtensionTemplate {
  return { oid: '2.5.29.31', critical: false, value: derSequence(...points.map(encodeDistributionPoint)) }
}

/** RFC 5280 §4.2.1.15. Not critical. */
export function freshestCrlExtension(points: readonly DistributionPointTemplate[]): ExtensionTemplate {
  return { ...crlDistributionPointsExtension(points), oid: '2.5.29.46' }
}

/** RFC 5280 §5.2.5. Critical. */
export function issuingDistributionPointExtension(point: {
  readonly fullName?: readonly GeneralNameTemplate[]
  readonly onlyContains?: 'user-certificates' | 'ca-certificates' | 'attribute-certificates'
  readonly onlySomeReasons?: readonly RevocationReason[]
  readonly indirect?: boolean
}): ExtensionTemplate {
  const yes = Uint8Array.of(0xff)
  const only = (kind: typeof point.onlyContains, tag: number): Der[] =>
    point.onlyContains === kind ? [derContextPrimitive(tag, yes)] : []
  return {
    oid: '2.5.29.28',
    critical: true,
    value: derSequence(
      ...distributionPointName(point.fullName),
      ...only('user-certificates', 1),
      ...only('ca-certificates', 2),
      ...(point.onlySomeReasons === undefined ? [] : [reasonFlags(3, point.onlySomeReasons)]),
      ...(point.indirect === true ? [derContextPrimitive(4, yes)] : []),
      ...only('attribute-certificates', 5),
    ),
  }
}

/** RFC 5280 §4.2.2.1. Not critical. */
export function authorityInformationAccessExtension(access: {
  readonly ocsp?: readonly string[]
  readonly caIssuers?: readonly string[]
}): ExtensionTemplate {
  const describe = (method: string, uri: string): Der =>
    derSequence(derObjectIdentifier(method), derContextPrimitive(6, ascii(uri)))
  return {
    oid: '1.3.6.1.5.5.7.1.1',
    critical: false,
    value: derSequence(
      ...(access.ocsp ?? []).map((uri) => describe('1.3.6.1.5.5.7.48.1', uri)),
      ...(access.caIssuers ?? []).map((uri) => describe('1.3.6.1.5.5.7.48.2', uri)),
    ),
  }
}

/** One policy: its OID, or the OID with qualifiers (RFC 5280 §4.2.1.4). */
export type PolicyTemplate =
  string | { readonly oid: string; readonly cps?: readonly string[]; readonly notice?: string }

/** RFC 5280 §4.2.1.4. Not critical unless said. */
export function certificatePoliciesExtension(policies: readonly PolicyTemplate[], critical = false): ExtensionTemplate {
  return { oid: '2.5.29.32', critical, value: derSequence(...policies.map(encodePolicy)) }
}

/** RFC 5280 §4.2.1.5. Critical. */
export function policyMappingsExtension(
  mappings: readonly { readonly issuerDomain: string; readonly subjectDomain: string }[],
): ExtensionTemplate {
  return {
    oid: '2.5.29.33',
    critical: true,
    value: derSequence(
      ...mappings.map((mapping) =>
        derSequence(derObjectIdentifier(mapping.issuerDomain), derObjectIdentifier(mapping.subjectDomain)),
      ),
    ),
  }
}

/** RFC 5280 §4.2.1.11. Critical. */
export function policyConstraintsExtension(constraints: {
  readonly requireExplicitPolicy?: number
  readonly inhibitPolicyMapping?: number
}): ExtensionTemplate {
  const skip = (tag: number, count: number | undefined): Der[] =>
    count === undefined ? [] : [derContextPrimitive(tag, derInteger(count).subarray(2))]
  return {
    oid: '2.5.29.36',
    critical: true,
    value: derSequence(...skip(0, constraints.requireExplicitPolicy), ...skip(1, constraints.inhibitPolicyMapping)),
  }
}

/** RFC 5280 §4.2.1.14. Critical. */
export function inhibitAnyPolicyExtension(skipCertificates: number): ExtensionTemplate {
  return { oid: '2.5.29.54', critical: true, value: derInteger(skipCertificates) }
}

/** RFC 5280 §4.2.1.10. Critical. An `ip` base is address and mask, 8 or 32 octets. */
export function nameConstraintsExtension(constraints: {
  readonly permitted?: readonly GeneralNameTemplate[]
  readonly excluded?: readonly GeneralNameTemplate[]
}): ExtensionTemplate {
  const subtrees = (tag: number, bases: readonly GeneralNameTemplate[] | undefined): Der[] =>
    bases === undefined
      ? []
      : [derContextConstructed(tag, ...bases.map((base) => derSequence(encodeGeneralName(base))))]
  return {
    oid: '2.5.29.30',
    critical: true,
    value: derSequence(...subtrees(0, constraints.permitted), ...subtrees(1, constraints.excluded)),
  }
}

/** The marker by which a responder's certificate says that it need not be checked for revocation (RFC 6960 §4.2.2.2.1). */
export function ocspNoCheckExtension(): ExtensionTemplate {
  return { oid: '1.3.6.1.5.5.7.48.1.5', critical: false, value: derElement(0x05) }
}

/** RFC 9608 §3: no revocation information will be published for this certificate. */
export function noRevocationAvailableExtension(): ExtensionTemplate {
  return { oid: '2.5.29.56', critical: false, value: derElement(0x05) }
}

/** RFC 5280 §5.3.1: the reason, in a CRL entry. */
export function reasonCodeExtension(reason: RevocationReason): ExtensionTemplate {
  return { oid: '2.5.29.21', critical: false, value: derEnumerated(revocationReasonCode(reason)) }
}

/** RFC 5280 §5.3.3: who issued the certificate, in an entry of an indirect CRL. Critical. */
export function certificateIssuerExtension(names: readonly GeneralNameTemplate[]): ExtensionTemplate {
  return { oid: '2.5.29.29', critical: true, value: derSequence(...names.map(encodeGeneralName)) }
}

/** RFC 5280 §5.3.2: since when the key is not to be trusted, in a CRL entry. Epoch seconds. */
export function invalidityDateExtension(epochSeconds: number): ExtensionTemplate {
  return { oid: '2.5.29.24', critical: false, value: derGeneralizedTime(epochSeconds) }
}

/** RFC 5280 §5.2.3. */
export function crlNumberExtension(number: number | Uint8Array): ExtensionTemplate {
  return { oid: '2.5.29.20', critical: false, value: derInteger(number) }
}

/** RFC 5280 §5.2.4: what makes a CRL a delta CRL, and to which complete one. Critical. */
export function deltaCrlIndicatorExtension(baseNumber: number | Uint8Array): ExtensionTemplate {
  return { oid: '2.5.29.27', critical: true, value: derInteger(baseNumber) }
}

/** The code of a reason, as CRLReason writes it. */
export function revocationReasonCode(reason: RevocationReason): number {
  return revocationReasons[reason]
}

function encodeDistributionPoint(point: DistributionPointTemplate): Der {
  return derSequence(
    ...distributionPointName(point.fullName),
    ...(point.reasons === undefined ? [] : [reasonFlags(1, point.reasons)]),
    ...(point.crlIssuer === undefined ? [] : [derContextConstructed(2, ...point.crlIssuer.map(encodeGeneralName))]),
  )
}

function distributionPointName(fullName: readonly GeneralNameTemplate[] | undefined): Der[] {
  if (fullName === undefined) return []
  return [derContextConstructed(0, derContextConstructed(0, ...fullName.map(encodeGeneralName)))]
}

/** ReasonFlags; its bits are numbered as the CRLReason codes through `privilegeWithdrawn` and `aACompromise` (7 and 8). */
function reasonFlags(tag: number, reasons: readonly RevocationReason[]): Der {
  const bits = reasons.map((reason) => reasonFlagBits.get(reason))
  return derContextPrimitive(tag, namedBits(bits.filter((bit) => bit !== undefined)))
}

function encodePolicy(policy: PolicyTemplate): Der {
  if (typeof policy === 'string') return derSequence(derObjectIdentifier(policy))
  const cps = (policy.cps ?? []).map((uri) =>
    derSequence(derObjectIdentifier('1.3.6.1.5.5.7.2.1'), derElement(0x16, ascii(uri))),
  )
  const notice =
    policy.notice === undefined
      ? []
      : [derSequence(derObjectIdentifier('1.3.6.1.5.5.7.2.2'), derSequence(derUtf8String(policy.notice)))]
  const qualifiers = [...cps, ...notice]
  return derSequence(derObjectIdentifier(policy.oid), ...(qualifiers.length === 0 ? [] : [derSequence(...qualifiers)]))
}

function purposeOid(purpose: KeyPurpose): string {
  return isNamedPurpose(purpose) ? keyPurposes[purpose] : purpose
}

function isNamedPurpose(purpose: KeyPurpose): purpose is keyof typeof keyPurposes {
  return Object.hasOwn(keyPurposes, purpose)
}

const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const

const keyPurposes = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  anyExtendedKeyUsage: '2.5.29.37.0',
} as const

const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const

const reasonFlagBits: ReadonlyMap<RevocationReason, number> = new Map([
  ['keyCompromise', 1],
  ['cACompromise', 2],
  ['affiliationChanged', 3],
  ['superseded', 4],
  ['cessationOfOperation', 5],
  ['certificateHold', 6],
  ['privilegeWithdrawn', 7],
  ['aACompromise', 8],
])

const keyIdentifierOctets = 20
