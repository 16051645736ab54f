import { Agent, request } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

import { localhostLookup } from './localhost-lookup.ts'

export type JsonRequestFailure =
  | { readonly reason: 'fetch_failed'; readonly url: string; readonly detail: string }
  | { readonly reason: 'fetch_timeout'; readonly url: string; readonly seconds: number }
  | { readonly reason: 'fetch_status'; readonly url: string; readonly status: number }
  | { readonly reason: 'fetch_too_large'; readonly url: string; readonly limit: number }
  | { readonly reason: 'fetch_not_json'; readonly url: string }

export interface JsonAnswer {
  readonly json: unknown
  readonly headers: IncomingHttpHeaders
}

/** What this process trusts and presents when it asks the authorization server. PEM. */
export interface TlsIdentity {
  readonly ca: string | readonly string[] | undefined
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
}

export interface JsonForm {
  readonly fields: URLSearchParams
  readonly authorization: string | undefined
}

/** Asks an https URL for a JSON document, by GET, or by POST when there is a form. */
export type JsonRequest = (url: string, form?: JsonForm) => Promise<Result<JsonAnswer, JsonRequestFailure>>

/**
 * Makes the one way in which the guard talks to the authorization server: https only, no redirects, five seconds and
 * 512 KiB at most, connections kept.
 */
export function createJsonRequest(
  identity: TlsIdentity,
  { seconds }: { readonly seconds: number } = { seconds: LONGEST_SECONDS },
): JsonRequest {
  const agent = new Agent({
    keepAlive: true,
    lookup: localhostLookup,
    maxSockets: MOST_CONNECTIONS,
    ...(identity.ca === undefined ? {} : { ca: typeof identity.ca === 'string' ? identity.ca : [...identity.ca] }),
    ...identity.certificate,
  })
  return (url, form) =>
    new Promise((resolve) => {
      const body = form?.fields.toString()
      const signal = AbortSignal.timeout(seconds * 1000)
      const onError = (error: Error): void => {
        resolve(
          signal.aborted
            ? fail({ reason: 'fetch_timeout', url, seconds })
            : fail({ reason: 'fetch_failed', url, detail: errorDetail(error) }),
        )
      }
      const sent = request(url, {
        agent,
        signal,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(form?.authorization === undefined ? {} : { authorization: form.authorization }),
        },
      })
      sent.on('error', onError)
      sent.on('response', (answer) => {
        answer.on('error', onError)
        readJson(url, answer, resolve)
      })
      sent.end(body)
    })
}

function readJson(
  url: string,
  answer: IncomingMessage,
  resolve: (result: Result<JsonAnswer, JsonRequestFailure>) => void,
): void {
  const refuse = (failure: JsonRequestFailure): void => {
    answer.destroy()
    resolve(fail(failure))
  }
  // A redirect would let another host speak for the issuer, so it is a failure like any other status.
  if (answer.statusCode !== 200) return refuse({ reason: 'fetch_status', url, status: answer.statusCode ?? 0 })
  const chunks: Buffer[] = []
  let length = 0
  answer.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > LARGEST_ANSWER) refuse({ reason: 'fetch_too_large', url, limit: LARGEST_ANSWER })
    else chunks.push(chunk)
  })
  answer.on('end', () => {
    try {
      resolve(ok({ json: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown, headers: answer.headers }))
    } catch {
      resolve(fail({ reason: 'fetch_not_json', url }))
    }
  })
}

function errorDetail(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.message
}

// A key set or a metadata document is a few KiB; a request waits for the answer.
const LARGEST_ANSWER = 512 * 1024
const LONGEST_SECONDS = 5
const MOST_CONNECTIONS = 16
