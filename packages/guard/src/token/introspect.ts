import { fail, introspectedToken, ok } from '@holdfast/core'
import type { Failure, Result, VerifiedToken } from '@holdfast/core'

import type { JsonRequest } from '../http/json-request.ts'

/** How the API proves to the authorization server who is asking. */
export type IntrospectionCredentials =
  { readonly clientId: string; readonly secret: string } | { readonly clientId: string; readonly secret: undefined }

/**
 * Asks the authorization server what an opaque token stands for. RFC 7662 §2.1.
 *
 * With a certificate `client_id` is in the form (RFC 8705 §2), with a secret both are in the header (RFC 6749 §2.3.1).
 */
export async function introspect(
  token: string,
  endpoint: () => Promise<Result<string, { readonly reason: string }>>,
  credentials: IntrospectionCredentials,
  request: JsonRequest,
): Promise<Result<VerifiedToken, Failure>> {
  const url = await endpoint()
  if (!url.ok) return fail({ reason: 'store_unavailable', store: 'introspection', cause: url.failure })
  const fields = new URLSearchParams({ token, token_type_hint: 'access_token' })
  if (credentials.secret === undefined) fields.set('client_id', credentials.clientId)
  const answer = await request(url.value, { fields, authorization: basic(credentials) })
  if (!answer.ok) return fail({ reason: 'store_unavailable', store: 'introspection', cause: answer.failure })
  const { json } = answer.value
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const cause = { reason: 'introspection_malformed', url: url.value }
    return fail({ reason: 'store_unavailable', store: 'introspection', cause })
  }
  return ok(introspectedToken(json as Readonly<Record<string, unknown>>))
}

function basic(credentials: IntrospectionCredentials): string | undefined {
  if (credentials.secret === undefined) return undefined
  const text = `${formEncoded(credentials.clientId)}:${formEncoded(credentials.secret)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}

function formEncoded(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2)
}
