import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { filteredLookup } from '../jwks-uri/filtered-lookup.ts'
import type { AddressFilter } from '../jwks-uri/public-address.ts'

export interface OctetsRequest {
  readonly url: string
  /** With a body it is a POST. */
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly maximumOctets: number
  /** Milliseconds until the head of the answer, and between two pieces of its body. */
  readonly patience: number
  /** Milliseconds for the whole. */
  readonly deadline: number
  readonly mayConnect: AddressFilter
  /** `only`: neither the first step nor a redirect goes over http. */
  readonly https?: 'only'
  /** PEM of the CAs that vouch for an https server, instead of those of Node. */
  readonly ca?: string | undefined
  /** Ends the request when nobody waits for it any more. */
  readonly signal: AbortSignal
}

export type FetchedOctets =
  | {
      readonly kind: 'octets'
      /** In memory of its own, so that it can be handed to a thread. */
      readonly octets: Uint8Array<ArrayBuffer>
      /** Seconds of `Cache-Control: max-age`; 0 for `no-cache` and `no-store`. */
      readonly maxAge: number | undefined
      readonly entityTag: string | undefined
      readonly lastModified: string | undefined
    }
  /** To a conditional request. */
  | { readonly kind: 'not_modified'; readonly maxAge: number | undefined }

export interface FetchProblem {
  readonly problem: string
  /** Whether anybody was there: `silent` is worth leaving the host alone for a while. */
  readonly host: 'answered' | 'silent'
}

/** Fetches what a URL of revocation data leads to. Never rejects; the problem is for the operator: lower case, no full stop. */
export type FetchOctets = (request: OctetsRequest) => Promise<Result<FetchedOctets, FetchProblem>>

/**
 * Fetches over http or https; what is fetched is signed, so the way need not be. Redirects are followed on the same host only,
 * and never from https to http. The address is judged after the name was resolved, by the very look-up that connects.
 */
export const fetchOctets: FetchOctets = async (asked) => {
  let url = asked.url
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(asked.deadline)])
  for (let step = 0; step <= maximumRedirects; step++) {
    const fetched = await fetchOnce(url, asked, signal)
    if (!('redirect' in fetched)) return fetched
    const next = redirected(url, fetched.redirect)
    if (!next.ok) return next
    url = next.value
  }
  return problem('too many redirects')
}

type Fetched = Result<FetchedOctets, FetchProblem>

function fetchOnce(
  text: string,
  asked: OctetsRequest,
  signal: AbortSignal,
): Promise<Fetched | { readonly redirect: string | undefined }> {
  if (!URL.canParse(text)) return Promise.resolve(problem('not a URL'))
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return Promise.resolve(problem('neither http nor https'))
  if (asked.https === 'only' && url.protocol !== 'https:') return Promise.resolve(problem('not https'))
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !asked.mayConnect(literal))
    return Promise.resolve(problem(`the address ${literal} is not public`))
  const { body, headers, patience, mayConnect } = asked
  const options: RequestOptions = {
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
    lookup: filteredLookup(mayConnect),
    maxHeaderSize: maximumHeaderOctets,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': body.length }) },
    signal,
    timeout: patience,
    // Whatever the environment of the process says.
    ...(url.protocol === 'https:'
      ? { rejectUnauthorized: true, ...(asked.ca === undefined ? {} : { ca: asked.ca }) }
      : {}),
  }
  // Not by `import`, which would load Node's fetch client with node:http, and in servers that never ask anybody.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  return new Promise((resolve) => {
    const end = (fetched: Fetched | { readonly redirect: string | undefined }): void => {
      clearTimeout(timer)
      resolve(fetched)
      outgoing.destroy()
    }
    const outgoing: ClientRequest = request(url, options, (response) =>
      receive(response, asked.maximumOctets, () => timer.refresh(), end),
    )
    const timer = setTimeout(() => end(problem(`no answer in ${patience / 1000} s`, 'silent')), patience)
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const text = signal.aborted ? `not finished in ${asked.deadline / 1000} s` : (error.code ?? error.message)
      end(problem(text, 'silent'))
    })
    outgoing.end(body)
  })
}

function receive(
  response: IncomingMessage,
  maximum: number,
  progress: () => void,
  end: (fetched: Fetched | { readonly redirect: string | undefined }) => void,
): void {
  const { statusCode = 0, headers } = response
  response.on('error', () => end(problem('the connection broke off', 'silent')))
  response.on('aborted', () => end(problem('the connection broke off', 'silent')))
  const maxAge = maxAgeOf(headers['cache-control'])
  if (statusCode === 304) return end(ok({ kind: 'not_modified', maxAge }))
  if (redirects.has(statusCode)) return end({ redirect: headers.location })
  if (statusCode !== 200) return end(problem(`status ${statusCode}`))
  const announced = Number(headers['content-length'] ?? 0)
  if (announced > maximum) return end(problem(`longer than ${maximum} bytes`))
  const into = growing(announced)
  response.on('data', (chunk: Buffer) => {
    progress()
    if (into.length() + chunk.length > maximum) end(problem(`longer than ${maximum} bytes`))
    else into.add(chunk)
  })
  response.on('end', () => {
    const { etag, 'last-modified': lastModified } = headers
    end(ok({ kind: 'octets', octets: into.octets(), maxAge, entityTag: etag, lastModified }))
  })
}

/** Collects pieces in one buffer, so that no long copy is left for the end. */
function growing(expected: number): { length(): number; add(chunk: Buffer): void; octets(): Uint8Array<ArrayBuffer> } {
  let buffer = new Uint8Array(Math.max(expected, firstOctets))
  let length = 0
  return {
    length: () => length,
    add(chunk) {
      if (length + chunk.length > buffer.length) {
        const larger = new Uint8Array(Math.max(buffer.length * 2, length + chunk.length))
        larger.set(buffer.subarray(0, length))
        buffer = larger
      }
      buffer.set(chunk, length)
      length += chunk.length
    },
    octets: () => buffer.subarray(0, length),
  }
}

function redirected(from: string, location: string | undefined): Result<string, FetchProblem> {
  const to = URL.parse(location ?? '', from)
  const base = new URL(from)
  if (location === undefined || to === null) return problem('a redirect to nowhere')
  const upgraded = base.protocol === 'http:' && to.protocol === 'https:' && base.port === '' && to.port === ''
  const same = to.hostname === base.hostname && (to.origin === base.origin || upgraded)
  return same ? ok(to.href) : problem(`a redirect to ${to.host === '' ? to.protocol : to.host}, which is not followed`)
}

function maxAgeOf(cacheControl: string | undefined): number | undefined {
  if (cacheControl === undefined) return undefined
  if (/(?:^|[\s,])no-(?:cache|store)(?:$|[\s,])/i.test(cacheControl)) return 0
  const seconds = /(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])/i.exec(cacheControl)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}

function problem(
  text: string,
  host: FetchProblem['host'] = 'answered',
): { readonly ok: false; readonly failure: FetchProblem } {
  return fail({ problem: text, host })
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const maximumRedirects = 2
const maximumHeaderOctets = 16_384
const firstOctets = 16_384
