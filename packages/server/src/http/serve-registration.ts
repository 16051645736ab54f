import type { Answer, ClientRegistrationRequest, RequestFailure } from '@holdfast/core'
import type { Exchange } from '@holdfast/edge'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { Registration } from '../registration/open-registration.ts'
import { authorizationHeaders } from './authorization-headers.ts'
import { readFormBody } from './read-form-body.ts'
import type { Action, Route } from './routes.ts'

/** The registration endpoint, and behind it each registered client (RFC 7591 §3, RFC 7592 §2). */
export function registrationRoutes(current: () => Registration | undefined): Readonly<Record<string, Route>> {
  const serve = (exchange: Exchange, correlationId: string): Promise<Answer> => {
    const registration = current()
    if (registration === undefined) throw new TypeError('registration was switched off; restart the server')
    return serveRegistration(exchange, correlationId, registration)
  }
  const action: Action = { kind: 'exchange', serve }
  return {
    '/register': { endpoint: 'registration', methods: { POST: action } },
    '/register/': { endpoint: 'registration', methods: { GET: action, PUT: action, DELETE: action } },
  }
}

async function serveRegistration(
  exchange: Exchange,
  correlationId: string,
  registration: Registration,
): Promise<Answer> {
  const { request, certificate, certificateRefusal, role, base } = exchange
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const clientId = path.slice(base.length + '/register/'.length)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const asked: ClientRegistrationRequest = {
    authorization: authorizationHeaders(request),
    certificate,
    certificateRefusal,
    role,
    correlationId,
    ...(method === 'POST' || method === 'PUT' ? { document: await jsonBody(exchange) } : {}),
  }
  if (method === 'POST') return registration.register(asked)
  return registration.lookAfter(asked, method as 'GET' | 'PUT' | 'DELETE', clientId)
}

function jsonBody({ request, response }: Exchange): Promise<Result<string, RequestFailure>> {
  const header = request.headers['content-type']
  const presented = typeof header === 'string' ? header : undefined
  const type = presented?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    request.resume()
    return Promise.resolve(fail({ reason: 'content_type_unsupported', presented }))
  }
  return new Promise((resolve) => {
    readFormBody(request, bodyLimit, (body) => {
      if (body.outcome === 'read') return resolve(utf8(body.text))
      if (request.httpVersionMajor === 1 && !response.headersSent) response.setHeader('connection', 'close')
      resolve(fail({ reason: 'form_too_large', limit: bodyLimit }))
    })
  })
}

/** The reader gives one character for each byte. */
function utf8(bytes: string): Result<string, RequestFailure> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1')))
  } catch {
    return fail({ reason: 'form_malformed', position: 0 })
  }
}

/** Bytes: a record with keys and a software statement has some 10 KB. */
const bodyLimit = 65_536
