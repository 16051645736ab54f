import type { Certificate } from '../certificate/certificate.ts'
import {
  ALL_REASONS,
  type DistributionPoint,
  type DistributionPointName,
} from '../extension/crl-distribution-points.ts'
import { canonicalName, canonicalRdn, type DistinguishedName } from '../name/distinguished-name.ts'
import type { GeneralName } from '../name/general-name.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'

/** Tells whether a CRL speaks about a certificate as one of its distribution points has it. RFC 5280 §6.3.3 (b). */
export function isInScope(crl: CertificateRevocationList, point: DistributionPoint, certificate: Certificate): boolean {
  const issuing = crl.issuingDistributionPoint
  if (point.crlIssuer === undefined) {
    if (crl.issuer.canonical !== certificate.issuer.canonical) return false
  } else {
    const named = point.crlIssuer.some(
      (name) => name.kind === 'directory' && name.name.canonical === crl.issuer.canonical,
    )
    const itself = crl.issuer.canonical === certificate.issuer.canonical
    if (!named || (issuing?.indirect !== true && !itself)) return false
  }
  if (issuing === undefined) return true
  if (issuing.name !== undefined && !sharesName(issuing.name, crl.issuer, point)) return false
  const isCa = certificate.basicConstraints?.ca === true
  switch (issuing.contains) {
    case 'all':
      return true
    case 'user_certificates':
      return !isCa
    case 'ca_certificates':
      return isCa
    case 'attribute_certificates':
      return false
  }
}

/** The reasons that a CRL covers for one distribution point. RFC 5280 §6.3.3 (d). */
export function coveredReasons(crl: CertificateRevocationList, point: DistributionPoint): number {
  return (point.reasons ?? ALL_REASONS) & (crl.issuingDistributionPoint?.reasons ?? ALL_REASONS)
}

/** The distribution point that stands for "whatever the issuer publishes". RFC 5280 §6.3.3, last paragraph. */
export function impliedPoint(certificate: Certificate): DistributionPoint {
  return { name: { kind: 'full', names: [{ kind: 'directory', name: certificate.issuer }] } }
}

function sharesName(issuing: DistributionPointName, issuer: DistinguishedName, point: DistributionPoint): boolean {
  const offered = namesOf(issuing, issuer)
  if (point.name === undefined) return (point.crlIssuer ?? []).some((name) => offered.has(comparable(name)))
  const bases = (point.crlIssuer ?? []).filter((name) => name.kind === 'directory').map(({ name }) => name)
  for (const base of bases.length > 0 ? bases : [issuer]) {
    for (const name of namesOf(point.name, base)) if (offered.has(name)) return true
  }
  return false
}

/** A name relative to the CRL issuer is written out in full. RFC 5280 §4.2.1.13. */
function namesOf(name: DistributionPointName, base: DistinguishedName): ReadonlySet<string> {
  if (name.kind === 'full') return new Set(name.names.map(comparable))
  return new Set([`directory:${canonicalName([...base.canonicalRdns, canonicalRdn(name.rdn)])}`])
}

function comparable(name: GeneralName): string {
  switch (name.kind) {
    case 'directory':
      return `directory:${name.name.canonical}`
    case 'uri':
      return `uri:${name.uri}`
    case 'dns':
      return `dns:${name.name.toLowerCase()}`
    case 'email':
      return `email:${name.email}`
    case 'ip':
      return `ip:${name.address.join('.')}`
    case 'registered':
      return `registered:${name.oid}`
    case 'other':
      return `other:${name.oid}:${name.value.join('.')}`
    case 'x400':
    case 'edi':
      return `${name.kind}:${name.der.join('.')}`
  }
}
