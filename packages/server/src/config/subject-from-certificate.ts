import { subjectsOfCertificate, tlsClientAuthSubjectMembers } from '@holdfast/core'
import { decodePem, parseCertificate } from '@holdfast/x509'
import type { Certificate } from '@holdfast/x509'
import type { Resolution } from './resolution.ts'

/** A record, and whether the name that it has comes from a certificate, or should and is missing. */
export interface NamedRecord {
  readonly record: Readonly<Record<string, unknown>>
  readonly subject: 'written' | 'from_certificate' | 'unknown'
}

/**
 * A client's record with `{ from-certificate: FILE }` replaced by the name that the certificate has, of the kind of the member in
 * which it stands. Of several names of that kind none is chosen.
 */
export function subjectFromCertificate(
  record: Readonly<Record<string, unknown>>,
  at: readonly PropertyKey[],
  here: Resolution,
): NamedRecord {
  const named = tlsClientAuthSubjectMembers.flatMap((member) => {
    const value = record[member]
    if (typeof value !== 'object' || value === null || !('from-certificate' in value)) return []
    const file = String(value['from-certificate'])
    const certificate = readCertificate(file, [...at, member], here)
    if (certificate === undefined) return [[member, undefined] as const]
    const subjects = subjectsOfCertificate(certificate).filter((subject) => subject.member === member)
    const [first, ...further] = subjects.map((subject) => subject.value)
    if (first === undefined || further.length > 0) {
      const problem = first === undefined ? 'has no name of this kind' : 'has more than one name of this kind'
      const names = [first, ...further].slice(0, maximumShown).join(', ')
      const hint = first === undefined ? `holdfast cert registration ${file}` : `write the one that is meant: ${names}`
      here.report([...at, member], `${file}: the certificate ${problem}`, hint)
    }
    return [[member, further.length > 0 ? undefined : first] as const]
  })
  if (named.length === 0) return { record, subject: 'written' }
  return {
    record: { ...record, ...Object.fromEntries(named) },
    subject: named.some(([, name]) => name === undefined) ? 'unknown' : 'from_certificate',
  }
}

function readCertificate(file: string, at: readonly PropertyKey[], here: Resolution): Certificate | undefined {
  const text = here.readFile(here.path(file))
  if (text === undefined) return here.report(at, `${file}: not readable`)
  const blocks = decodePem(text)
  if (!blocks.ok) {
    const { reason, line } = blocks.failure
    return here.report(at, `${file}: ${reason.replace(/^pem_/, '').replaceAll('_', ' ')} in line ${line}`, pemHint)
  }
  const [der] = blocks.value
  const certificate = der && parseCertificate(der)
  return certificate?.ok === true ? certificate.value : here.report(at, `${file}: not a certificate`, pemHint)
}

const pemHint = 'the certificate in PEM, its issuers behind it, and nothing else'
const maximumShown = 10
