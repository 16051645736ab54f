import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

/** The members of RFC 8414 §2 that this client uses, as they came. */
export type AuthorizationServerMetadata = Readonly<Record<string, unknown>> & { readonly issuer: string }

export type MetadataFailure =
  | { readonly reason: 'issuer_mismatch'; readonly expected: string; readonly presented: string }
  | { readonly reason: 'metadata_malformed'; readonly member: string }

/**
 * The addresses at which an issuer's metadata may lie, the one of RFC 8414 §3.1 first, then that of OpenID Connect
 * Discovery §4, which puts the well-known part behind the path instead of before it.
 */
export function metadataUrls(issuer: string): readonly [string, string] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
}

/**
 * Accepts the document when it names exactly the issuer that was asked for, character by character (RFC 8414 §3.3).
 */
export function authorizationServerMetadata(
  document: unknown,
  issuer: string,
): Result<AuthorizationServerMetadata, MetadataFailure> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return fail({ reason: 'metadata_malformed', member: '(document)' })
  }
  const members = document as Readonly<Record<string, unknown>>
  const presented = members['issuer']
  if (typeof presented !== 'string') return fail({ reason: 'metadata_malformed', member: 'issuer' })
  if (presented !== issuer) return fail({ reason: 'issuer_mismatch', expected: issuer, presented })
  return ok(members as AuthorizationServerMetadata)
}
