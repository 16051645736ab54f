import type { ExpectedSubject } from '@holdfast/core'
import { subjectWarnings } from '@holdfast/x509'
import type { SubjectWarning } from '@holdfast/x509'
import { formatPath } from './configuration-problem.ts'
import type { Advice } from './resolution.ts'

/** What is probably wrong with a registered name that can be read. */
export function subjectAdvice(subject: ExpectedSubject, at: readonly PropertyKey[]): readonly Advice[] {
  if (subject.kind !== 'subject_dn') return []
  const path = formatPath([...at, 'tls_client_auth_subject_dn'])
  return subjectWarnings(subject).map((warning) => ({ path, ...subjectWarningText(warning) }))
}

/** SPIFFE Trust Domain and Bundle §5: no two trust domains are judged by the same anchors. `before`: what was met so far. */
export function trustDomainAdvice(
  subject: ExpectedSubject,
  trust: string,
  before: Map<string, string>,
  at: readonly PropertyKey[],
): readonly Advice[] {
  if (subject.kind !== 'spiffe_id') return []
  const { trustDomain } = subject.id.id
  const other = before.get(trust) ?? trustDomain
  before.set(trust, other)
  if (other === trustDomain) return []
  return [
    {
      path: formatPath([...at, 'spiffe_id']),
      warning: `trust.${trust} vouches for SVIDs of ${other} as well as of ${trustDomain}`,
      hint: 'give each trust domain a trust of its own, with spiffe: { trust-domain: …, bundle: … }',
    },
  ]
}

/** A warning in words, and what to write instead. */
export function subjectWarningText(warning: SubjectWarning): {
  readonly warning: string
  readonly hint: string
} {
  switch (warning.reason) {
    case 'order_reversed':
      return {
        warning: 'the name is that of the certificate turned round',
        hint: `write ${JSON.stringify(warning.suggestion)}`,
      }
    case 'order_looks_reversed':
      return {
        warning: 'the name reads as if it were turned round: its text ends with what a certificate names last',
        hint: `if so, write ${JSON.stringify(warning.suggestion)}`,
      }
    case 'subject_differs':
      return {
        warning: `the certificate has the subject ${warning.presented}`,
        hint: `write ${JSON.stringify(warning.suggestion)}`,
      }
    case 'brazil_attribute_form':
      return {
        warning: `Open Finance Brasil writes ${warning.attributes.join(', ')} as OID=#hex; both are the same here, not everywhere`,
        hint:
          warning.suggestion === undefined
            ? 'holdfast cert registration CERTIFICATE prints the text of its profile'
            : `the text of its profile is ${JSON.stringify(warning.suggestion)}`,
      }
    case 'brazil_attribute_missing':
      return {
        warning: `a name of Open Finance Brasil without ${warning.attributes.join(' and ')}`,
        hint: 'its profile has the software_id as UID and the org_id in organizationIdentifier',
      }
  }
}
