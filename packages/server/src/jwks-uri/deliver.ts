import { Agent, request } from 'node:https'
import { isIP } from 'node:net'
import { filteredLookup } from './filtered-lookup.ts'
import type { AddressFilter } from './public-address.ts'

export interface DeliveryOptions {
  readonly mayConnect: AddressFilter
  /** PEM of CAs instead of the system's. */
  readonly ca?: string
}

/** Posts something to an address that a client registered; whether a 2xx came back. Never rejects. */
export type Deliver = (
  uri: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<'delivered' | 'failed'>

/**
 * Https only, to public addresses, no redirect, five seconds; the answer's body is not read. The address is judged after the name
 * was resolved, at the very look-up that the connection uses.
 */
export function createDeliver({ mayConnect, ca }: DeliveryOptions): Deliver {
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 0, ...(ca === undefined ? {} : { ca }) })
  return (uri, headers, body) =>
    new Promise((resolve) => {
      if (!URL.canParse(uri)) return resolve('failed')
      const { protocol, hostname } = new URL(uri)
      const literal = hostname.replace(/^\[|\]$/g, '')
      // A name is judged when it is looked up; an address is never looked up.
      if (protocol !== 'https:' || (isIP(literal) !== 0 && !mayConnect(literal))) return resolve('failed')
      const outgoing = request(uri, {
        method: 'POST',
        agent,
        lookup: filteredLookup(mayConnect),
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      })
      const end = (outcome: 'delivered' | 'failed'): void => {
        clearTimeout(timer)
        resolve(outcome)
        outgoing.destroy()
      }
      const timer = setTimeout(() => end('failed'), timeoutMilliseconds)
      outgoing.on('response', (response) => {
        response.resume()
        end(Math.floor((response.statusCode ?? 0) / 100) === 2 ? 'delivered' : 'failed')
      })
      outgoing.on('error', () => end('failed'))
      outgoing.end(body)
    })
}

const timeoutMilliseconds = 5_000
