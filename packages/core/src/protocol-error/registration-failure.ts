/** A client that would register itself, or look after its registration (RFC 7591 §3.2.2, RFC 7592 §2). */
export type RegistrationFailure =
  | { readonly reason: 'registration_token_missing' }
  | { readonly reason: 'registration_token_unknown' }
  | { readonly reason: 'registration_document_malformed'; readonly problem: string }
  | { readonly reason: 'registration_redirect_uri_refused'; readonly problems: readonly RefusedMember[] }
  | { readonly reason: 'registration_metadata_refused'; readonly problems: readonly RefusedMember[] }
  | { readonly reason: 'registration_member_fixed'; readonly member: string }
  | { readonly reason: 'registration_changed_meanwhile' }
  | { readonly reason: 'software_statement_missing' }
  | { readonly reason: 'software_statement_refused'; readonly problem: string }
  | { readonly reason: 'software_statement_issuer_unknown'; readonly presented: string }
  /** The statement is good, but not for whoever shows it here. */
  | { readonly reason: 'software_statement_unapproved'; readonly problem: string; readonly clause?: string }

/** What is wrong with a record, and where: see metadata-problem.ts. */
export interface RefusedMember {
  readonly path: string
  readonly problem: string
  readonly hint?: string
}
