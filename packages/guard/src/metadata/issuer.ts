import { fail, ok } from '@holdfast/core'
import type { Clock, Result } from '@holdfast/core'

import type { JsonRequest } from '../http/json-request.ts'
import { issuerMetadata } from './issuer-metadata.ts'
import type { IssuerMetadata, IssuerMetadataFailure } from './issuer-metadata.ts'

/** Knows where the issuer's endpoints are. */
export interface Issuer {
  jwksUri(): Promise<Result<string, { readonly reason: string }>>
  /** @param withCertificate whether the API authenticates by certificate: then the alias comes first (RFC 8705 §5) */
  introspectionEndpoint(withCertificate: boolean): Promise<Result<string, { readonly reason: string }>>
}

/** Reads the metadata when first needed, once at a time, and again after an hour; a failure is not remembered. */
export function createIssuer(issuer: string, request: JsonRequest, clock: Clock): Issuer {
  let held: { readonly metadata: IssuerMetadata; readonly at: number } | undefined
  let loading: Promise<Result<IssuerMetadata, IssuerMetadataFailure>> | undefined

  const metadata = async (): Promise<Result<IssuerMetadata, IssuerMetadataFailure>> => {
    const now = clock.now()
    if (held !== undefined && Math.abs(now - held.at) < FRESH_SECONDS) return ok(held.metadata)
    loading ??= issuerMetadata(issuer, request).finally(() => (loading = undefined))
    const loaded = await loading
    if (loaded.ok) held = { metadata: loaded.value, at: now }
    // The addresses of an hour ago are better than none; what is fetched from them is checked by itself.
    else if (held !== undefined) return ok(held.metadata)
    return loaded
  }

  return {
    async jwksUri() {
      const found = await metadata()
      if (!found.ok) return found
      const { jwksUri } = found.value
      return jwksUri === undefined ? fail({ reason: 'metadata_without_jwks_uri' }) : ok(jwksUri)
    },
    async introspectionEndpoint(withCertificate) {
      const found = await metadata()
      if (!found.ok) return found
      const { mtlsIntrospectionEndpoint, introspectionEndpoint } = found.value
      const url = (withCertificate ? mtlsIntrospectionEndpoint : undefined) ?? introspectionEndpoint
      return url === undefined ? fail({ reason: 'metadata_without_introspection_endpoint' }) : ok(url)
    },
  }
}

const FRESH_SECONDS = 3600
