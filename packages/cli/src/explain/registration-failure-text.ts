import type { RegistrationFailure } from '@holdfast/core'
import { words } from './words.ts'

/** Sentences about clients that register themselves (RFC 7591, RFC 7592). */
export const registrationSentences: {
  readonly [Reason in RegistrationFailure['reason']]: (
    failure: Extract<RegistrationFailure, { reason: Reason }>,
  ) => string
} = {
  registration_token_missing: () => 'no access token for registration came along',
  registration_token_unknown: () => 'the access token is none of those that may register, or not of this registration',
  registration_document_malformed: (f) => `the registration cannot be read: ${words(f.problem)}`,
  registration_redirect_uri_refused: (f) => problems(f.problems),
  registration_metadata_refused: (f) => problems(f.problems),
  registration_member_fixed: (f) => `${f.member} is set by the server alone`,
  registration_changed_meanwhile: () => 'somebody else changed the registration at the same time',
  software_statement_missing: () => 'a software statement is needed, and none came',
  software_statement_refused: (f) => `the software statement is not good: ${words(f.problem)}`,
  software_statement_issuer_unknown: (f) =>
    `the software statement was issued by ${f.presented}, who is not approved here`,
  software_statement_unapproved: (f) =>
    `the software statement is not for this registration: ${words(f.problem)}${f.clause === undefined ? '' : ` (${f.clause})`}`,
}

function problems(found: readonly { readonly path: string; readonly problem: string }[]): string {
  return found
    .slice(0, mostShown)
    .map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`))
    .join('; ')
}

const mostShown = 5
