import type { AuditEvent } from '@holdfast/core'
import { subjectKindText } from './subject-kind-text.ts'

/** By which name a client was recognised, and what a QWAC states of it. */
export type Recognized = Pick<Extract<AuditEvent, { readonly event: 'token_issued' }>, 'recognizedBy' | 'psd2'>

export function recognizedText(
  { kind, value }: NonNullable<Recognized['recognizedBy']>,
  psd2: Recognized['psd2'],
): string {
  const named = `the certificate names ${subjectKindText[kind]} ${value}`
  return psd2 === undefined ? named : `${named}, ${psd2Text(psd2)}`
}

/** ETSI TS 119 495 §5.1. */
function psd2Text({ roles, authority }: NonNullable<Recognized['psd2']>): string {
  return `and states ${roles.length === 0 ? 'no PSD2 role' : roles.join(', ')}, authorized by ${authority}`
}
