import { type KeyObject, createHash, randomBytes } from 'node:crypto'
import type { CertificateThumbprint } from '@holdfast/core'
import { encodePem, parseDistinguishedName } from '@holdfast/x509'
import {
  type BadCertificateKind,
  type ExtensionTemplate,
  type KeyPurpose,
  type KeyUsageName,
  type NameTemplate,
  type SignatureScheme,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  issueBadCertificate,
  issueCertificate,
  keyIdentifierOf,
  keyUsageExtension,
  nameTemplateOf,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509/issue'
import { type KeyKind, type KeyPool, spkiOf } from './key-pool.ts'
import { type SubjectAltNames, subjectAltNames } from './subject-alt-names.ts'

/** A certificate with its private key, in every form that tests, servers and clients ask for. */
export interface TestCertificate {
  readonly der: Uint8Array
  readonly pem: string
  readonly key: KeyObject
  /** PKCS#8. */
  readonly keyPem: string
  /** The certificate, then its intermediates, without the root. */
  readonly chainPem: string
  /** The intermediates alone, DER, nearest first, without the root. */
  readonly chain: readonly Uint8Array[]
  /** `x5t#S256` of RFC 8705 §3.1. */
  readonly thumbprint: CertificateThumbprint
  /** The subject as it was asked for, to sign with. */
  readonly subject: NameTemplate
}

/** What a test certificate is to say; everything has a default. Times are epoch seconds. */
export interface TestCertificateOptions {
  /** Defaults to `client`. Becomes the whole subject. */
  readonly commonName?: string
  /** The whole subject instead of `commonName`: RFC 4514 text, or a template. */
  readonly subject?: string | NameTemplate
  readonly san?: SubjectAltNames
  /** Defaults to 2024-01-01. */
  readonly notBefore?: number
  /** Defaults to 2049-12-31. */
  readonly notAfter?: number
  /** Defaults to `['clientAuth']`; `[]` leaves the extension out. */
  readonly eku?: readonly KeyPurpose[]
  /** Defaults to what suits a leaf, or a CA; `[]` leaves the extension out. */
  readonly keyUsage?: readonly KeyUsageName[]
  /** Makes a CA certificate. */
  readonly ca?: { readonly pathLength?: number }
  /** A private key to certify, or a kind to make one of. Defaults to `ec-p256`. */
  readonly key?: KeyObject | KeyKind
  /** Defaults to 16 random octets. */
  readonly serialNumber?: Uint8Array
  /** Further extensions, at the end. One with the OID of a usual extension takes its place. */
  readonly extensions?: readonly ExtensionTemplate[]
  readonly scheme?: SignatureScheme
}

/** Who signs, and what goes along as the chain. */
export interface TestSigner {
  readonly key: KeyObject
  readonly subject: NameTemplate
  readonly chain: readonly Uint8Array[]
}

/** Makes a certificate of which `signer` is the issuer; without a signer it signs itself. */
export function testCertificate(
  options: TestCertificateOptions,
  pool: KeyPool,
  signer?: TestSigner,
  issue: typeof issueCertificate = issueCertificate,
): TestCertificate {
  const key = privateKeyFor(options.key, pool)
  const publicKey = spkiOf(key)
  const subject = subjectOf(options)
  const issuer = signer ?? { key, subject, chain: [] }
  const der = issue(
    {
      serialNumber: options.serialNumber ?? randomSerialNumber(),
      subject,
      notBefore: options.notBefore ?? firstDay,
      notAfter: options.notAfter ?? lastDay,
      publicKey,
      extensions: extensionsFor(options, publicKey, spkiOf(issuer.key)),
    },
    {
      privateKey: issuer.key,
      issuer: issuer.subject,
      ...(options.scheme === undefined ? {} : { scheme: options.scheme }),
    },
  )
  return {
    der,
    pem: certificatePem(der),
    key,
    keyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    chainPem: [der, ...issuer.chain].map(certificatePem).join(''),
    chain: issuer.chain,
    thumbprint: createHash('sha256').update(der).digest('base64url') as CertificateThumbprint,
    subject,
  }
}

/** Makes a client certificate that must be refused. One that has expired did so at the end of 2023. */
export function badTestCertificate(
  kind: BadCertificateKind,
  options: TestCertificateOptions,
  pool: KeyPool,
  signer: TestSigner,
): TestCertificate {
  const dates = kind === 'expired' ? { notBefore: firstDay, notAfter: firstDay + year } : {}
  return testCertificate({ ...dates, ...options }, pool, signer, (template, issuer) =>
    issueBadCertificate(kind, template, issuer, pool.take('ec-p256')),
  )
}

/** PEM of a certificate (RFC 7468 §5). */
export function certificatePem(der: Uint8Array): string {
  return encodePem(der, 'CERTIFICATE')
}

function subjectOf({ subject, commonName = 'client' }: TestCertificateOptions): NameTemplate {
  if (subject === undefined) return [{ type: 'CN', value: commonName }]
  if (typeof subject !== 'string') return subject
  const name = parseDistinguishedName(subject)
  if (!name.ok) throw new RangeError(`not a name: ${subject}: ${name.failure.reason}`)
  return nameTemplateOf(name.value)
}

function privateKeyFor(key: KeyObject | KeyKind | undefined, pool: KeyPool): KeyObject {
  return key === undefined || typeof key === 'string' ? pool.take(key ?? 'ec-p256') : key
}

function extensionsFor(options: TestCertificateOptions, spki: Uint8Array, issuerSpki: Uint8Array): ExtensionTemplate[] {
  const { ca, eku = ca === undefined ? ['clientAuth' as const] : [] } = options
  const usages =
    options.keyUsage ??
    (ca === undefined ? ['digitalSignature' as const] : ['keyCertSign' as const, 'cRLSign' as const])
  const names = options.san === undefined ? [] : subjectAltNames(options.san)
  const usual = [
    basicConstraintsExtension({ ca: ca !== undefined, ...ca }),
    ...(usages.length === 0 ? [] : [keyUsageExtension(usages)]),
    ...(eku.length === 0 ? [] : [extendedKeyUsageExtension(eku)]),
    ...(names.length === 0 ? [] : [subjectAltNameExtension(names)]),
    subjectKeyIdentifierExtension(keyIdentifierOf(spki)),
    authorityKeyIdentifierExtension({ keyIdentifier: keyIdentifierOf(issuerSpki) }),
  ]
  const further = options.extensions ?? []
  const replaced = new Set(further.map((extension) => extension.oid))
  return [...usual.filter((extension) => !replaced.has(extension.oid)), ...further]
}

/** Positive, and 16 octets long in DER. */
function randomSerialNumber(): Uint8Array {
  const octets = randomBytes(16)
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40
  return octets
}

/** 2024-01-01T00:00:00Z: constant, so that a certificate does not depend on the day on which a test runs. */
const firstDay = 1_704_067_200
/** 2049-12-31T23:59:59Z, the last second that UTCTime can say. */
const lastDay = 2_524_607_999
const year = 365 * 86_400
