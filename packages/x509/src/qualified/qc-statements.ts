import type { Certificate } from '../certificate/certificate.ts'
import { type DerFailure, DerReader, SEQUENCE, UTF8_STRING } from '../der/der-reader.ts'
import { utf8 } from '../name/attribute-text.ts'
import { fail, ok, type Result } from '../result.ts'

/** What a qualified certificate says of itself. ETSI EN 319 412-5 §4, ETSI TS 119 495 §5. */
export interface QcStatements {
  /** Dotted identifiers of all statements. */
  readonly statements: readonly string[]
  readonly compliance: 'eu_qualified' | 'not_stated'
  /** `esign`, `eseal`, `web`, or a dotted identifier. */
  readonly types: readonly string[]
  readonly psd2: Psd2Statement | undefined
}

/** What a payment service provider may do, and who says so. ETSI TS 119 495 §5.1. */
export interface Psd2Statement {
  /** Those of {@link PSD2_ROLES}; none when the certificate leaves its holder's role unspecified. */
  readonly roles: readonly Psd2Role[]
  readonly competentAuthorityName: string
  /** Country and authority, like `GB-FCA`. */
  readonly competentAuthorityId: string
}

/** Account servicing, payment initiation, account information, issuing of card-based instruments. */
export type Psd2Role = 'PSP_AS' | 'PSP_PI' | 'PSP_AI' | 'PSP_IC'

/** Every role there is. */
export const PSD2_ROLES: readonly Psd2Role[] = ['PSP_AS', 'PSP_PI', 'PSP_AI', 'PSP_IC']

export function isPsd2Role(text: string): text is Psd2Role {
  return (PSD2_ROLES as readonly string[]).includes(text)
}

export interface QcStatementsFailure {
  readonly reason: 'qc_statements_malformed'
  readonly detail: DerFailure['reason']
  readonly offset: number
}

/** Reads the qcStatements extension; undefined when the certificate has none. RFC 3739 §3.2.6. */
export function qcStatements(certificate: Certificate): Result<QcStatements | undefined, QcStatementsFailure> {
  const value = certificate.extensions.find(({ oid }) => oid === QC_STATEMENTS)?.value
  if (value === undefined) return ok(undefined)
  const reader = new DerReader(value)
  const end = reader.enter(SEQUENCE, value.length)
  const statements: string[] = []
  const types: string[] = []
  let psd2: Psd2Statement | undefined
  while (reader.position < end) {
    const endOfStatement = reader.enter(SEQUENCE, end)
    const oid = reader.objectIdentifier(endOfStatement)
    if (statements.includes(oid)) reader.refuse('value_not_allowed')
    statements.push(oid)
    if (oid === QC_TYPE) types.push(...qcTypes(reader, endOfStatement))
    else if (oid === PSD2) psd2 = psd2Statement(reader, endOfStatement)
    else if (reader.position < endOfStatement) reader.skip(endOfStatement)
    reader.leave(endOfStatement)
    if (statements.length > MAXIMUM_STATEMENTS) reader.refuse('too_many_elements')
  }
  reader.leave(value.length)
  if (reader.failure !== undefined) {
    return fail({ reason: 'qc_statements_malformed', detail: reader.failure.reason, offset: reader.failure.offset })
  }
  return ok({ statements, compliance: statements.includes(QC_COMPLIANCE) ? 'eu_qualified' : 'not_stated', types, psd2 })
}

function qcTypes(reader: DerReader, limit: number): readonly string[] {
  const end = reader.enter(SEQUENCE, limit)
  const types: string[] = []
  while (reader.position < end) {
    const oid = reader.objectIdentifier(end)
    types.push(QC_TYPES[oid] ?? oid)
  }
  return types
}

/**
 * A role is known by its identifier; the name beside it must say the same.
 *
 * "Unspecified", and roles that later editions add (TS 119 495 GEN-5.2.2-1, GEN-5.2.2-3A, GEN-5.2.2-3B), give none of those
 * known here, and do not take away the ones beside them.
 */
function psd2Statement(reader: DerReader, limit: number): Psd2Statement {
  const end = reader.enter(SEQUENCE, limit)
  const endOfRoles = reader.enter(SEQUENCE, end)
  const roles: Psd2Role[] = []
  const identifiers: string[] = []
  while (reader.position < endOfRoles) {
    const endOfRole = reader.enter(SEQUENCE, endOfRoles)
    const identifier = reader.objectIdentifier(endOfRole)
    const role = ROLES_BY_IDENTIFIER[identifier]
    const name = utf8String(reader, endOfRole)
    reader.leave(endOfRole)
    const agree = role === undefined ? !isPsd2Role(name) : role === name
    if (!agree || identifiers.includes(identifier)) reader.refuse('value_not_allowed')
    else if (role !== undefined) roles.push(role)
    identifiers.push(identifier)
    if (identifiers.length > MAXIMUM_ROLES) reader.refuse('too_many_elements')
  }
  const competentAuthorityName = utf8String(reader, end)
  const competentAuthorityId = utf8String(reader, end)
  reader.leave(end)
  if (identifiers.length === 0) reader.refuse('value_missing')
  return { roles, competentAuthorityName, competentAuthorityId }
}

function utf8String(reader: DerReader, limit: number): string {
  reader.expect(UTF8_STRING, limit)
  const text = utf8(reader.content())
  if (text === undefined) reader.refuse('string_malformed')
  return text ?? ''
}

const QC_STATEMENTS = '1.3.6.1.5.5.7.1.3'
const QC_COMPLIANCE = '0.4.0.1862.1.1'
const QC_TYPE = '0.4.0.1862.1.6'
const PSD2 = '0.4.0.19495.2'

const QC_TYPES: { readonly [oid: string]: string } = {
  '0.4.0.1862.1.6.1': 'esign',
  '0.4.0.1862.1.6.2': 'eseal',
  '0.4.0.1862.1.6.3': 'web',
}

const ROLES_BY_IDENTIFIER: { readonly [oid: string]: Psd2Role } = {
  '0.4.0.19495.1.1': 'PSP_AS',
  '0.4.0.19495.1.2': 'PSP_PI',
  '0.4.0.19495.1.3': 'PSP_AI',
  '0.4.0.19495.1.4': 'PSP_IC',
}

const MAXIMUM_STATEMENTS = 64
/** TS 119 495 defines nine. */
const MAXIMUM_ROLES = 64
