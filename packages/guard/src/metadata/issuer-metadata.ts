import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

import type { JsonRequest, JsonRequestFailure } from '../http/json-request.ts'

/** What the guard reads of the issuer's metadata. */
export interface IssuerMetadata {
  readonly jwksUri: string | undefined
  readonly introspectionEndpoint: string | undefined
  /** The introspection endpoint for those who present a certificate (RFC 8705 §5). */
  readonly mtlsIntrospectionEndpoint: string | undefined
}

export type IssuerMetadataFailure =
  | JsonRequestFailure
  | { readonly reason: 'metadata_malformed'; readonly url: string; readonly member: string }
  | {
      readonly reason: 'metadata_issuer_mismatch'
      readonly url: string
      readonly expected: string
      readonly presented: string
    }

/**
 * Reads the issuer's metadata, from the address of RFC 8414 and, when there is nothing, from that of OpenID Connect.
 *
 * The document must name exactly this issuer (RFC 8414 §3.3), and every address in it must be https.
 */
export async function issuerMetadata(
  issuer: string,
  request: JsonRequest,
): Promise<Result<IssuerMetadata, IssuerMetadataFailure>> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  let url = `${origin}/.well-known/oauth-authorization-server${path}`
  let answer = await request(url)
  if (!answer.ok && answer.failure.reason === 'fetch_status' && answer.failure.status === 404) {
    url = `${origin}${path.replace(/\/$/, '')}/.well-known/openid-configuration`
    answer = await request(url)
  }
  if (!answer.ok) return answer

  const document = answer.value.json
  if (typeof document !== 'object' || document === null) return fail({ reason: 'metadata_malformed', url, member: '' })
  const members = document as Readonly<Record<string, unknown>>
  if (members['issuer'] !== issuer) {
    const presented = typeof members['issuer'] === 'string' ? members['issuer'] : ''
    return fail({ reason: 'metadata_issuer_mismatch', url, expected: issuer, presented })
  }
  const aliases = members['mtls_endpoint_aliases']
  const endpoints = {
    jwks_uri: members['jwks_uri'],
    introspection_endpoint: members['introspection_endpoint'],
    'mtls_endpoint_aliases.introspection_endpoint':
      typeof aliases === 'object' && aliases !== null
        ? (aliases as Readonly<Record<string, unknown>>)['introspection_endpoint']
        : undefined,
  }
  for (const [member, value] of Object.entries(endpoints)) {
    if (value !== undefined && !isHttpsUrl(value)) return fail({ reason: 'metadata_malformed', url, member })
  }
  return ok({
    jwksUri: endpoints.jwks_uri as string | undefined,
    introspectionEndpoint: endpoints.introspection_endpoint as string | undefined,
    mtlsIntrospectionEndpoint: endpoints['mtls_endpoint_aliases.introspection_endpoint'] as string | undefined,
  })
}

/** Says whether the value is an absolute https URL without user information. */
export function isHttpsUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return url.protocol === 'https:' && url.username === '' && url.password === ''
}
