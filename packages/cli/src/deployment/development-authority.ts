import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodePem,
  extendedKeyUsageExtension,
  type ExtensionTemplate,
  issueCertificate,
  type GeneralNameTemplate,
  keyIdentifierOf,
  keyUsageExtension,
  type NameTemplate,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509'
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** A certificate with its private key, as text for files. */
export interface IssuedCertificate {
  readonly commonName: string
  readonly certificatePem: string
  /** PKCS#8. */
  readonly keyPem: string
  /** `x5t#S256`: SHA-256 over the DER, base64url (RFC 8705 §3.1). */
  readonly thumbprint: string
  /** Of the public key: with `x5c`, as a client registers it (RFC 8705 §2.2.2). */
  readonly jwk: Readonly<Record<string, unknown>>
}

/** A root that exists to try things out. */
export interface DevelopmentAuthority {
  readonly certificatePem: string
  readonly keyPem: string
  issue(subject: CertificateSubject): IssuedCertificate
}

export interface CertificateSubject {
  readonly commonName: string
  readonly dns?: readonly string[]
  /** Four octets, or sixteen. */
  readonly ip?: readonly Uint8Array[]
  readonly purpose: 'clientAuth' | 'serverAuth'
  /** Seconds. */
  readonly lifetime: number
}

/** Makes a root with a P-256 key. `now` in epoch seconds, `lifetime` in seconds. */
export function createDevelopmentAuthority(commonName: string, now: number, lifetime: number): DevelopmentAuthority {
  const root = newKey()
  const issuer = nameOf(commonName)
  const identifier = keyIdentifierOf(root.spki)
  const der = sign(
    commonName,
    root,
    { notBefore: now - skew, notAfter: now + lifetime },
    [
      basicConstraintsExtension({ ca: true }),
      keyUsageExtension(['keyCertSign', 'cRLSign']),
      subjectKeyIdentifierExtension(identifier),
    ],
    { privateKey: root.privateKey, issuer },
  )
  return {
    certificatePem: encodePem(der, 'CERTIFICATE'),
    keyPem: root.pem,
    issue: (subject) =>
      issueLeaf(subject, now, newKey(), [authorityKeyIdentifierExtension({ keyIdentifier: identifier })], {
        privateKey: root.privateKey,
        issuer,
      }),
  }
}

/** Makes a certificate that its own key has signed, as `self_signed_tls_client_auth` registers it (RFC 8705 §2.2). */
export function issueSelfSigned(subject: CertificateSubject, now: number): IssuedCertificate {
  const key = newKey()
  return issueLeaf(subject, now, key, [], { privateKey: key.privateKey, issuer: nameOf(subject.commonName) })
}

interface NewKey {
  readonly privateKey: KeyObject
  readonly spki: Uint8Array
  readonly pem: string
}

interface Signer {
  readonly privateKey: KeyObject
  readonly issuer: NameTemplate
}

function newKey(): NewKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKey,
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function issueLeaf(
  subject: CertificateSubject,
  now: number,
  key: NewKey,
  authority: readonly ExtensionTemplate[],
  signer: Signer,
): IssuedCertificate {
  const names: GeneralNameTemplate[] = [
    ...(subject.dns ?? []).map((name) => ({ kind: 'dns', name }) as const),
    ...(subject.ip ?? []).map((address) => ({ kind: 'ip', address }) as const),
  ]
  const der = sign(
    subject.commonName,
    key,
    { notBefore: now - skew, notAfter: now + subject.lifetime },
    [
      basicConstraintsExtension({ ca: false }),
      keyUsageExtension(['digitalSignature']),
      extendedKeyUsageExtension([subject.purpose]),
      ...(names.length === 0 ? [] : [subjectAltNameExtension(names)]),
      subjectKeyIdentifierExtension(keyIdentifierOf(key.spki)),
      ...authority,
    ],
    signer,
  )
  const thumbprint = createHash('sha256').update(der).digest('base64url')
  return {
    commonName: subject.commonName,
    certificatePem: encodePem(der, 'CERTIFICATE'),
    keyPem: key.pem,
    thumbprint,
    jwk: {
      ...createPublicKey(key.privateKey).export({ format: 'jwk' }),
      kid: thumbprint,
      x5c: [Buffer.from(der).toString('base64')],
    },
  }
}

function sign(
  commonName: string,
  key: NewKey,
  dates: { readonly notBefore: number; readonly notAfter: number },
  extensions: readonly ExtensionTemplate[],
  signer: Signer,
): Uint8Array {
  return issueCertificate(
    { serialNumber: serialNumber(), subject: nameOf(commonName), ...dates, publicKey: key.spki, extensions },
    signer,
  )
}

function nameOf(commonName: string): NameTemplate {
  return [{ type: 'CN', value: commonName }]
}

/** Positive and of constant length in DER. */
function serialNumber(): Uint8Array {
  const octets = randomBytes(16)
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40
  return octets
}

/** Seconds: a clock that is a little behind still takes a fresh certificate. */
const skew = 60
