import { Agent, request } from 'node:https'
import { isIP } from 'node:net'
import type { DecoupledAuthorizationRecord } from '@holdfast/core'
import { filteredLookup } from '../jwks-uri/filtered-lookup.ts'
import type { AddressFilter } from '../jwks-uri/public-address.ts'

/** Tells a CIBA client that waits by ping that there is a decision; never rejects, since such a client may poll as well. */
export type CibaPing = (record: DecoupledAuthorizationRecord) => Promise<'delivered' | 'failed' | 'not_wanted'>

/**
 * Makes the sender of ping callbacks (OpenID CIBA §10.2): https only, to public addresses, no redirect, five seconds.
 *
 * What the client answers is not read; 204 and every other 2xx are taken as received.
 */
export function createCibaPing(options: { readonly mayConnect: AddressFilter; readonly ca?: string }): CibaPing {
  const { mayConnect, ca } = options
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 0, ...(ca === undefined ? {} : { ca }) })
  return ({ notification }) => {
    if (notification === undefined) return Promise.resolve('not_wanted')
    const { endpoint, token, authReqId } = notification
    const literal = new URL(endpoint).hostname.replace(/^\[|\]$/g, '')
    // A name is judged when it is looked up; an address is never looked up.
    if (isIP(literal) !== 0 && !mayConnect(literal)) return Promise.resolve('failed')
    const body = JSON.stringify({ auth_req_id: authReqId })
    return new Promise((resolve) => {
      const outgoing = request(
        endpoint,
        {
          method: 'POST',
          agent,
          lookup: filteredLookup(mayConnect),
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          const status = response.statusCode ?? 0
          response.resume()
          end(status >= 200 && status < 300 ? 'delivered' : 'failed')
        },
      )
      const timer = setTimeout(() => end('failed'), timeoutMilliseconds)
      function end(outcome: 'delivered' | 'failed'): void {
        clearTimeout(timer)
        resolve(outcome)
        outgoing.destroy()
      }
      outgoing.on('error', () => end('failed'))
      outgoing.end(body)
    })
  }
}

const timeoutMilliseconds = 5_000
