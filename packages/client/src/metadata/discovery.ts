import type { Dispatcher } from 'undici'

import { ClientError } from '../client-error.ts'
import { authorizationServerRequest } from '../transport/authorization-server-request.ts'
import { authorizationServerMetadata, metadataUrls } from './authorization-server-metadata.ts'
import type { AuthorizationServerMetadata } from './authorization-server-metadata.ts'

/** Finds out where the issuer's endpoints are. */
export interface Discovery {
  /** The metadata: fetched when first needed, once at a time, and again after an hour. */
  metadata(): Promise<AuthorizationServerMetadata>
}

/**
 * Reads the metadata over a connection without a certificate: that host serves people and asks for none.
 *
 * @param now milliseconds since the epoch
 */
export function createDiscovery(issuer: string, dispatcher: Dispatcher, seconds: number, now: () => number): Discovery {
  let held: { readonly metadata: AuthorizationServerMetadata; readonly at: number } | undefined
  let loading: Promise<AuthorizationServerMetadata> | undefined

  const load = async (): Promise<AuthorizationServerMetadata> => {
    try {
      const metadata = await discover(issuer, dispatcher, seconds)
      held = { metadata, at: now() }
      return metadata
    } catch (error) {
      // What was true an hour ago is better than no token at all; an answer of another issuer is not an outage.
      if (held !== undefined && error instanceof ClientError && error.code !== 'issuer_mismatch') return held.metadata
      throw error
    } finally {
      loading = undefined
    }
  }

  return {
    metadata() {
      if (held !== undefined && Math.abs(now() - held.at) < FRESH_MILLISECONDS) return Promise.resolve(held.metadata)
      loading ??= load()
      return loading
    },
  }
}

async function discover(issuer: string, dispatcher: Dispatcher, seconds: number): Promise<AuthorizationServerMetadata> {
  const [oauthUrl, openidUrl] = metadataUrls(issuer)
  let url = oauthUrl
  let answer = await authorizationServerRequest(url, undefined, dispatcher, seconds)
  if (answer.status === 404) {
    url = openidUrl
    answer = await authorizationServerRequest(url, undefined, dispatcher, seconds)
  }
  if (answer.status !== 200) throw new ClientError('discovery_failed', { url, status: answer.status })
  const metadata = authorizationServerMetadata(answer.json, issuer)
  if (metadata.ok) return metadata.value
  const { reason, ...facts } = metadata.failure
  throw new ClientError(reason, { url, ...facts })
}

const FRESH_MILLISECONDS = 3_600_000
