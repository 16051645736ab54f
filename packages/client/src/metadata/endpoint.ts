import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

import type { AuthorizationServerMetadata } from './authorization-server-metadata.ts'

/** The endpoints that a client calls by itself. `authorization_endpoint` is for browsers and never has an alias of use. */
export type DirectEndpoint =
  | 'token_endpoint'
  | 'introspection_endpoint'
  | 'revocation_endpoint'
  | 'pushed_authorization_request_endpoint'
  | 'device_authorization_endpoint'
  | 'backchannel_authentication_endpoint'
  | 'userinfo_endpoint'
  | 'registration_endpoint'

export type EndpointFailure =
  | { readonly reason: 'endpoint_missing'; readonly endpoint: string }
  | { readonly reason: 'metadata_malformed'; readonly member: string }

/**
 * The URL to call: for a client that presents a certificate the alias when there is one, else the top-level endpoint.
 *
 * An alias that this client does not call means nothing to it, so only the wanted one is looked at and checked.
 * RFC 8705 §5.
 */
export function endpoint(
  metadata: AuthorizationServerMetadata,
  name: DirectEndpoint,
  presenting: 'certificate' | 'nothing',
): Result<string, EndpointFailure> {
  if (presenting === 'certificate') {
    const aliases = metadata['mtls_endpoint_aliases']
    if (aliases !== undefined && (typeof aliases !== 'object' || aliases === null || Array.isArray(aliases))) {
      return fail({ reason: 'metadata_malformed', member: 'mtls_endpoint_aliases' })
    }
    const members = aliases as Readonly<Record<string, unknown>> | undefined
    if (members !== undefined && Object.hasOwn(members, name)) {
      return httpsUrl(members[name], `mtls_endpoint_aliases.${name}`)
    }
  }
  if (!Object.hasOwn(metadata, name)) return fail({ reason: 'endpoint_missing', endpoint: name })
  return httpsUrl(metadata[name], name)
}

function httpsUrl(value: unknown, member: string): Result<string, EndpointFailure> {
  if (typeof value !== 'string' || !URL.canParse(value)) return fail({ reason: 'metadata_malformed', member })
  const { protocol, hash } = new URL(value)
  return protocol === 'https:' && hash === '' ? ok(value) : fail({ reason: 'metadata_malformed', member })
}
