import { encodePem } from '@holdfast/x509'
import {
  basicConstraintsExtension,
  issueCertificate,
  keyIdentifierOf,
  keyUsageExtension,
  type NameTemplate,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509/issue'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { certificateNames, type NameOptions } from '../cert/certificate-names.ts'
import { leafTemplate, serialNumber, skew } from '../cert/leaf-template.ts'
import { type Making, systemMaking } from '../cert/making.ts'
import { thumbprintOf } from '../cert/thumbprint-of.ts'

/** A certificate with its private key, as text for files. */
export interface IssuedCertificate {
  readonly certificatePem: string
  /** PKCS#8. */
  readonly keyPem: string
  /** `x5t#S256` (RFC 8705 §3.1). */
  readonly thumbprint: string
  /** The public key with the certificate in `x5c`, as a client registers it (RFC 8705 §2.2.2). */
  readonly jwk: Readonly<Record<string, unknown>>
}

/** A root that signs by itself: enough to try things out. */
export interface DevelopmentAuthority {
  readonly certificatePem: string
  readonly keyPem: string
  issue(names: NameOptions, purpose: 'clientAuth' | 'serverAuth', days: number): IssuedCertificate
}

/** Makes a root with a P-256 key. */
export function createDevelopmentAuthority(
  commonName: string,
  days: number,
  making: Making = systemMaking,
): DevelopmentAuthority {
  const key = making.newKey('ec-p256')
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const name: NameTemplate = [{ type: 'CN', value: commonName }]
  const der = issueCertificate(
    {
      serialNumber: serialNumber(making),
      subject: name,
      notBefore: making.now() - skew,
      notAfter: making.now() + days * secondsPerDay,
      publicKey,
      extensions: [
        basicConstraintsExtension({ ca: true }),
        keyUsageExtension(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifierExtension(keyIdentifierOf(publicKey)),
      ],
    },
    { privateKey: key, issuer: name },
  )
  return {
    certificatePem: encodePem(der, 'CERTIFICATE'),
    keyPem: keyPem(key),
    issue: (names, purpose, leafDays) =>
      issueLeaf(names, purpose, leafDays, { privateKey: key, issuer: name, publicKey }, making),
  }
}

/** Makes a certificate that its own key has signed, as `self_signed_tls_client_auth` registers it (RFC 8705 §2.2). */
export function issueSelfSigned(names: NameOptions, days: number, making: Making = systemMaking): IssuedCertificate {
  return issueLeaf(names, 'clientAuth', days, 'itself', making)
}

interface Signer {
  readonly privateKey: KeyObject
  readonly issuer: NameTemplate
  readonly publicKey: Uint8Array
}

function issueLeaf(
  given: NameOptions,
  purpose: 'clientAuth' | 'serverAuth',
  days: number,
  signer: Signer | 'itself',
  making: Making,
): IssuedCertificate {
  const names = certificateNames(given)
  const own = making.newKey('ec-p256')
  const issuer = signer === 'itself' ? undefined : signer.publicKey
  const template = leafTemplate(names, [purpose], { key: 'ec-p256', days }, { own, issuer }, making)
  const der = issueCertificate(template, signer === 'itself' ? { privateKey: own, issuer: names.subject } : signer)
  const thumbprint = thumbprintOf(der)
  return {
    certificatePem: encodePem(der, 'CERTIFICATE'),
    keyPem: keyPem(own),
    thumbprint,
    jwk: {
      ...createPublicKey(own).export({ format: 'jwk' }),
      kid: thumbprint,
      x5c: [Buffer.from(der).toString('base64')],
    },
  }
}

function keyPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}

const secondsPerDay = 86_400
