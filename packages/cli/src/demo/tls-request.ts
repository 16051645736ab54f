import { request } from 'node:https'
import type { LookupFunction } from 'node:net'

/** What somebody sends who does not use our client library: a thief, a stranger, a proxy's health check. */
export interface TlsRequest {
  readonly url: string
  /** PEM of whom to trust as server. */
  readonly ca: string
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Makes it a POST. */
  readonly form?: Readonly<Record<string, string>>
}

export interface TlsAnswer {
  readonly status: number
  readonly challenge: string | undefined
  readonly body: string
}

/** Sends one request over a TLS connection of its own. */
export function tlsRequest(asked: TlsRequest): Promise<TlsAnswer> {
  const body = asked.form === undefined ? undefined : new URLSearchParams(asked.form).toString()
  return new Promise((resolve, reject) => {
    const sent = request(asked.url, {
      agent: false,
      ca: asked.ca,
      lookup: loopback,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...asked.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      timeout: longestMilliseconds,
      ...asked.certificate,
    })
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${asked.url}`)))
    sent.on('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('error', reject)
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        resolve({
          status: answer.statusCode ?? 0,
          challenge: answer.headers['www-authenticate'],
          body: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    sent.end(body)
  })
}

/** RFC 6761 §6.3: every name below localhost is this machine, whatever its resolver knows. */
const loopback: LookupFunction = (_name, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}

const longestMilliseconds = 5000
