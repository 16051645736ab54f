import type { Exchange } from '../exchange.ts'
import type { UpstreamFailure } from './reverse-proxy-options.ts'

/** What the proxy itself says to a client. */
export type ProxyAnswer =
  | UpstreamFailure['reason']
  | 'overloaded'
  | 'body_too_large'
  | 'method_not_allowed'
  | 'request_malformed'
  | 'certificate_unusable'

/** Answers with a status and a small JSON body: fixed sentences, nothing of the request or of the upstream comes back. */
export function proxyAnswer({ request, response }: Exchange, answer: ProxyAnswer): void {
  const { status, error, sentence } = answers[answer]
  const body = JSON.stringify({ error, error_description: sentence })
  // A body that nobody reads would be taken for the next request.
  if (request.httpVersionMajor === 1) response.setHeader('connection', 'close')
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
  request.resume()
}

const answers: {
  readonly [Answer in ProxyAnswer]: { readonly status: number; readonly error: string; readonly sentence: string }
} = {
  upstream_unreachable: { status: 502, error: 'bad_gateway', sentence: 'the application could not be reached' },
  upstream_broke_off: { status: 502, error: 'bad_gateway', sentence: 'the application broke off' },
  upstream_malformed: { status: 502, error: 'bad_gateway', sentence: 'the application gave no proper answer' },
  upstream_timeout: { status: 504, error: 'gateway_timeout', sentence: 'the application did not answer in time' },
  overloaded: { status: 503, error: 'temporarily_unavailable', sentence: 'too many requests are under way' },
  body_too_large: { status: 413, error: 'invalid_request', sentence: 'the body is too large' },
  method_not_allowed: { status: 405, error: 'invalid_request', sentence: 'this method is not handed on' },
  request_malformed: { status: 400, error: 'invalid_request', sentence: 'the request cannot be handed on' },
  certificate_unusable: {
    status: 400,
    error: 'invalid_request',
    sentence: 'the client certificate cannot be handed on',
  },
}
