import type { Certificate } from '../certificate/certificate.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import type { AuthoritySource } from './certification-authority.ts'
import type { PathFailure } from './path-failure.ts'

/** One certificate that the search stood at, and the issuers tried from there: `explain` prints it as a tree. */
export interface PathTrace {
  /** RFC 4514 text. */
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal. */
  readonly serialNumber: string
  readonly source: AuthoritySource | 'leaf'
  /** What ended the search here, or `accepted` at every step of the path that was found. */
  outcome: PathFailure | CandidateOutcome | undefined
  readonly tried: PathTrace[]
}

/** Why a candidate was passed over without a rule of validation being asked. */
export interface CandidateOutcome {
  readonly reason: 'accepted' | 'key_identifier_differs' | 'already_in_path'
}

/** A new node for a certificate. */
export function traceNode(certificate: Certificate, source: AuthoritySource | 'leaf'): PathTrace {
  return {
    subject: formatDistinguishedName(certificate.subject),
    issuer: formatDistinguishedName(certificate.issuer),
    serialNumber: [...certificate.serialNumber].map((octet) => octet.toString(16).padStart(2, '0')).join(''),
    source,
    outcome: undefined,
    tried: [],
  }
}
