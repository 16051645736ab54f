import { type DerReader, SEQUENCE } from '../der/der-reader.ts'
import { type GeneralName, generalName } from '../name/general-name.ts'

/** Where an issuer says more about itself: `1.3.6.1.5.5.7.48.1` is OCSP, `…48.2` its certificate. RFC 5280 §4.2.2.1. */
export interface AccessDescription {
  /** Dotted identifier. */
  readonly method: string
  readonly location: GeneralName
}

/** Reads AuthorityInfoAccessSyntax; it must not be empty. */
export function authorityInformationAccess(reader: DerReader, limit: number): readonly AccessDescription[] {
  const end = reader.enter(SEQUENCE, limit)
  const descriptions: AccessDescription[] = []
  while (reader.position < end) {
    const endOfDescription = reader.enter(SEQUENCE, end)
    const method = reader.objectIdentifier(endOfDescription)
    const location = generalName(reader, endOfDescription)
    reader.leave(endOfDescription)
    if (location !== undefined) descriptions.push({ method, location })
    if (descriptions.length > MAXIMUM_DESCRIPTIONS) reader.refuse('too_many_elements')
  }
  if (descriptions.length === 0) reader.refuse('value_missing')
  return descriptions
}

export const OCSP_ACCESS = '1.3.6.1.5.5.7.48.1'
export const CA_ISSUERS_ACCESS = '1.3.6.1.5.5.7.48.2'

const MAXIMUM_DESCRIPTIONS = 64
