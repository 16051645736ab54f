import type { Agent } from 'node:https'
import { isIP } from 'node:net'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { filteredLookup } from './filtered-lookup.ts'
import type { AddressFilter } from './public-address.ts'

export interface FetchedText {
  readonly text: string
  /** Seconds of `Cache-Control: max-age`, when the answer has one. */
  readonly maxAge: number | undefined
}

export interface FetchFailure {
  /** For the operator: lower case, no full stop. */
  readonly problem: string
}

export interface FetchOptions {
  readonly mayConnect: AddressFilter
  /** PEM of CAs instead of the system's. */
  readonly ca?: string
  /** The media types that are asked for. */
  readonly accept: string
}

/** Fetches a text from a URL that a client registered. Never rejects. */
export type FetchText = (url: string) => Promise<Result<FetchedText, FetchFailure>>

/**
 * Makes a fetcher for other people's URLs: https only, no redirect, five seconds, 512 KB, and the address judged after the
 * name was resolved, at the very look-up that the connection uses.
 */
export function createFetchText(options: FetchOptions): FetchText {
  let agent: Agent | undefined
  return (text) => {
    if (!URL.canParse(text)) return Promise.resolve(problem('not a URL'))
    const url = new URL(text)
    if (url.protocol !== 'https:') return Promise.resolve(problem('not https'))
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0 && !options.mayConnect(literal))
      return Promise.resolve(problem(`the address ${literal} is not public`))
    agent ??= new (process.getBuiltinModule('node:https').Agent)({
      keepAlive: false,
      maxCachedSessions: 0,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    })
    return get(url, agent, options)
  }
}

function get(url: URL, agent: Agent, { mayConnect, accept }: FetchOptions): Promise<Result<FetchedText, FetchFailure>> {
  const { request } = process.getBuiltinModule('node:https')
  return new Promise((resolve) => {
    const outgoing = request(
      url,
      {
        agent,
        lookup: filteredLookup(mayConnect),
        headers: { accept },
        maxHeaderSize: maximumHeaderBytes,
      },
      (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > maximumBytes) end(problem(`longer than ${maximumBytes} bytes`))
          else chunks.push(chunk)
        })
        response.on('error', () => end(problem('the connection broke off')))
        response.on('aborted', () => end(problem('the connection broke off')))
        response.on('end', () => end(fetched(Buffer.concat(chunks), response.headers['cache-control'])))
        if (response.statusCode !== 200) {
          const redirect = response.statusCode !== undefined && response.statusCode >= 300 && response.statusCode < 400
          end(problem(`status ${response.statusCode ?? 0}${redirect ? ', redirects are not followed' : ''}`))
        }
      },
    )
    const timer = setTimeout(() => end(problem(`no answer in ${timeoutMilliseconds / 1000} s`)), timeoutMilliseconds)
    function end(result: Result<FetchedText, FetchFailure>): void {
      clearTimeout(timer)
      resolve(result)
      outgoing.destroy()
    }
    outgoing.on('error', (error: NodeJS.ErrnoException) => end(problem(error.code ?? error.message)))
    outgoing.end()
  })
}

function fetched(body: Buffer, cacheControl: string | undefined): Result<FetchedText, FetchFailure> {
  const maxAge = /(?:^|[\s,])max-age=([0-9]{1,9})/i.exec(cacheControl ?? '')?.[1]
  return ok({ text: body.toString('utf8'), maxAge: maxAge === undefined ? undefined : Number(maxAge) })
}

function problem(text: string): { readonly ok: false; readonly failure: FetchFailure } {
  return fail({ problem: text })
}

const timeoutMilliseconds = 5_000
const maximumBytes = 524_288
const maximumHeaderBytes = 16_384
