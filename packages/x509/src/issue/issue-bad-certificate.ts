import {
  type ExtensionTemplate,
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  keyUsageExtension,
} from './certificate-extension.ts'
import { derNull } from './der.ts'
import { type CertificateSigner, type CertificateTemplate, issueCertificate } from './issue-certificate.ts'
import type { SigningKey } from './signature-writer.ts'

/** What can be wrong with a client certificate that is otherwise as its template says. */
export type BadCertificateKind =
  | 'expired'
  | 'not-yet-valid'
  | 'server-auth-only'
  | 'wrong-purpose'
  | 'wrong-ca'
  | 'ca-as-leaf'
  | 'weak-signature'
  | 'broken-signature'
  | 'unknown-critical-extension'

/** Every kind, with what makes it bad in one line. */
export const badCertificateKinds: { readonly [Kind in BadCertificateKind]: string } = {
  expired: 'its validity has ended',
  'not-yet-valid': 'its validity has not begun',
  'server-auth-only': 'may be used by servers only',
  'wrong-purpose': 'may be used to sign code only',
  'wrong-ca': 'names the right issuer, but another key of the same name signed it',
  'ca-as-leaf': 'is a CA certificate',
  'weak-signature': 'is signed over SHA-1',
  'broken-signature': 'one bit of its signature is wrong',
  'unknown-critical-extension': 'has a critical extension that no one knows',
}

/**
 * Makes a certificate that must be refused as a client’s.
 *
 * The dates of `expired` and `not-yet-valid` are the template’s, moved to before `notBefore` or behind `notAfter`.
 * `stranger` signs for `wrong-ca`. Throws `RangeError` for `weak-signature` where the signer’s key knows no SHA-1.
 */
export function issueBadCertificate(
  kind: BadCertificateKind,
  template: CertificateTemplate,
  signer: CertificateSigner,
  stranger: SigningKey,
): Uint8Array {
  const lifetime = template.notAfter - template.notBefore + 1
  switch (kind) {
    case 'expired':
      return issueCertificate(moved(template, -lifetime), signer)
    case 'not-yet-valid':
      return issueCertificate(moved(template, lifetime), signer)
    case 'server-auth-only':
      return issueCertificate(withExtensions(template, extendedKeyUsageExtension(['serverAuth'])), signer)
    case 'wrong-purpose':
      return issueCertificate(withExtensions(template, extendedKeyUsageExtension(['codeSigning'])), signer)
    case 'wrong-ca':
      return issueCertificate(template, { privateKey: stranger, issuer: signer.issuer })
    case 'ca-as-leaf':
      return issueCertificate(
        withExtensions(
          template,
          basicConstraintsExtension({ ca: true }),
          keyUsageExtension(['digitalSignature', 'keyCertSign', 'cRLSign']),
        ),
        signer,
      )
    case 'weak-signature':
      return issueCertificate(template, { ...signer, scheme: weakScheme(signer.privateKey) })
    case 'broken-signature': {
      const der = issueCertificate(template, signer)
      der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1
      return der
    }
    case 'unknown-critical-extension':
      return issueCertificate(
        withExtensions(template, { oid: unknownExtension, critical: true, value: derNull() }),
        signer,
      )
  }
}

function moved(template: CertificateTemplate, seconds: number): CertificateTemplate {
  return { ...template, notBefore: template.notBefore + seconds, notAfter: template.notAfter + seconds }
}

function withExtensions(template: CertificateTemplate, ...changed: readonly ExtensionTemplate[]): CertificateTemplate {
  const replaced = new Set(changed.map((extension) => extension.oid))
  return {
    ...template,
    extensions: [...template.extensions.filter((extension) => !replaced.has(extension.oid)), ...changed],
  }
}

function weakScheme(key: SigningKey): 'ecdsa-sha1' | 'rsa-sha1' {
  if (key.asymmetricKeyType === 'ec') return 'ecdsa-sha1'
  if (key.asymmetricKeyType === 'rsa') return 'rsa-sha1'
  throw new RangeError(`a key of type ${String(key.asymmetricKeyType)} cannot sign over SHA-1`)
}

/** Under the example arc of ITU-T X.660. */
const unknownExtension = '2.999.1'
