import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Psd2Role } from '@holdfast/x509'
import {
  authorityInformationAccessExtension,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  type CertificateTemplate,
  crlDistributionPointsExtension,
  type ExtensionTemplate,
  extendedKeyUsageExtension,
  keyIdentifierOf,
  type KeyPurpose,
  keyUsageExtension,
  qcStatementsExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509/issue'
import { CommandError } from '../command-error.ts'
import type { CertificateNames } from './certificate-names.ts'
import type { KeyKind, Making } from './making.ts'

/** What is chosen about a certificate beside its names. Times are epoch seconds. */
export interface LeafOptions {
  readonly out?: string
  readonly key: KeyKind
  readonly days: number
  readonly notBefore?: number
  readonly notAfter?: number
  /** Where its revocation is found. */
  readonly ocsp?: string
  readonly crl?: string
  /** What it says about a payment service provider. */
  readonly psd2Role?: readonly Psd2Role[]
  readonly psd2Authority?: string
}

/** Says what a leaf certificate is to say. `issuerKey` is missing for one that signs itself. */
export function leafTemplate(
  names: CertificateNames,
  purposes: readonly KeyPurpose[],
  options: LeafOptions,
  keys: { readonly own: KeyObject; readonly issuer: Uint8Array | undefined },
  making: Making,
): CertificateTemplate {
  const publicKey = createPublicKey(keys.own).export({ format: 'der', type: 'spki' })
  const notBefore = options.notBefore ?? making.now() - skew
  const notAfter = options.notAfter ?? (options.notBefore ?? making.now()) + options.days * secondsPerDay
  if (notAfter < notBefore) throw new CommandError('wrong_use', 'the certificate would end before it begins')
  return {
    serialNumber: serialNumber(making),
    subject: names.subject,
    notBefore,
    notAfter,
    publicKey,
    extensions: [
      basicConstraintsExtension({ ca: false }),
      keyUsageExtension(
        keys.own.asymmetricKeyType === 'rsa' && purposes.includes('serverAuth')
          ? ['digitalSignature', 'keyEncipherment']
          : ['digitalSignature'],
      ),
      extendedKeyUsageExtension(purposes),
      ...(names.subjectAltNames.length === 0
        ? []
        : [subjectAltNameExtension(names.subjectAltNames, Array.isArray(names.subject) && names.subject.length === 0)]),
      subjectKeyIdentifierExtension(keyIdentifierOf(publicKey)),
      ...(keys.issuer === undefined
        ? []
        : [authorityKeyIdentifierExtension({ keyIdentifier: keyIdentifierOf(keys.issuer) })]),
      ...(options.ocsp === undefined ? [] : [authorityInformationAccessExtension({ ocsp: [options.ocsp] })]),
      ...(options.crl === undefined
        ? []
        : [crlDistributionPointsExtension([{ fullName: [{ kind: 'uri', uri: options.crl }] }])]),
      ...psd2Extensions(options),
    ],
  }
}

/** As in a certificate for web site authentication of the EU, which one of a development CA never is. ETSI TS 119 495 §5.1. */
function psd2Extensions({ psd2Role: roles, psd2Authority }: LeafOptions): readonly ExtensionTemplate[] {
  if (roles === undefined && psd2Authority === undefined) return []
  const [, id, name] = /^([A-Z]{2}-[A-Z]{2,8})(?:[:=](.+))?$/.exec(psd2Authority ?? '') ?? []
  if (roles === undefined || id === undefined) {
    throw new CommandError('wrong_use', 'a PSD2 certificate has a role and the authority that gave it', {
      hint: "--psd2-role PSP_AI --psd2-authority 'GB-FCA:Financial Conduct Authority'",
    })
  }
  const psd2 = { roles: [...new Set(roles)], competentAuthorityName: name ?? id, competentAuthorityId: id }
  return [qcStatementsExtension({ compliance: 'not_stated', types: ['web'], psd2 })]
}

/** Positive, and 16 octets long in DER. */
export function serialNumber({ random }: Making): Uint8Array {
  const octets = random(16)
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40
  return octets
}

const secondsPerDay = 86_400
/** A clock that is a minute behind still takes a fresh certificate. */
export const skew = 60
