import type { Certificate } from '../certificate/certificate.ts'
import { ORGANIZATION_IDENTIFIER } from '../subject/registered-subject.ts'

/** A legal person by a register's number. ETSI EN 319 412-1 §5.1.4, ETSI TS 119 495 §5.2.1. */
export interface OrganizationIdentifier {
  readonly text: string
  /** `PSD`, `VAT`, `NTR`, `LEI`, or two letters and a colon for a national scheme. */
  readonly scheme: string
  /** ISO 3166 country, `XG` for LEI. */
  readonly country: string
  /** For `PSD`: the competent authority, two to eight letters. */
  readonly authority: string | undefined
  readonly number: string
}

/** Reads the organizationIdentifier of a subject; undefined when there is none, more than one, or one of another form. */
export function organizationIdentifier(certificate: Certificate): OrganizationIdentifier | undefined {
  const [attribute, ...further] = certificate.subject.rdns.flat().filter(({ type }) => type === ORGANIZATION_IDENTIFIER)
  if (attribute?.text === undefined || further.length > 0) return undefined
  const { text } = attribute
  const psd = /^PSD([A-Z]{2})-([A-Z]{2,8})-(.+)$/.exec(text)
  if (psd !== null) return { text, scheme: 'PSD', country: psd[1]!, authority: psd[2]!, number: psd[3]! }
  const other = /^(VAT|NTR|LEI|PAS|IDC|PNO|TIN|[A-Z]{2}:)([A-Z]{2})-(.+)$/.exec(text)
  return other === null
    ? undefined
    : { text, scheme: other[1]!, country: other[2]!, authority: undefined, number: other[3]! }
}
