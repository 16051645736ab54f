import type { ExpectedSubject } from '@holdfast/core'

/** What kind of name a client is registered by, in words. RFC 8705 §2.1.2, and ours. */
export const subjectKindText: { readonly [Kind in ExpectedSubject['kind']]: string } = {
  subject_dn: 'the subject',
  san_dns: 'the DNS name',
  san_uri: 'the URI',
  san_ip: 'the IP address',
  san_email: 'the e-mail address',
  organization_identifier: 'the organization identifier',
  spiffe_id: 'the SPIFFE ID',
}
