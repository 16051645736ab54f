import { Agent, request } from 'node:https'
import { isIP } from 'node:net'
import { filteredLookup } from '../jwks-uri/filtered-lookup.ts'
import type { AddressFilter } from '../jwks-uri/public-address.ts'

/** Posts a form to an address that a client registered; whether a 2xx came back. Never rejects. */
export type PostForm = (uri: string, form: Readonly<Record<string, string>>) => Promise<'delivered' | 'failed'>

/** Https only, to public addresses, no redirect, five seconds; the answer's body is not read. */
export function createPostForm(options: { readonly mayConnect: AddressFilter; readonly ca?: string }): PostForm {
  const { mayConnect, ca } = options
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 0, ...(ca === undefined ? {} : { ca }) })
  return (uri, form) => {
    const body = new URLSearchParams(form).toString()
    return new Promise((resolve) => {
      if (!URL.canParse(uri)) return resolve('failed')
      const { protocol, hostname } = new URL(uri)
      const literal = hostname.replace(/^\[|\]$/g, '')
      // A name is judged when it is looked up; an address is never looked up.
      if (protocol !== 'https:' || (isIP(literal) !== 0 && !mayConnect(literal))) return resolve('failed')
      const outgoing = request(uri, {
        method: 'POST',
        agent,
        lookup: filteredLookup(mayConnect),
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) },
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
}

const timeoutMilliseconds = 5_000
