import type { Answer, ClientRegistrationRequest, RequestFailure } from '@holdfast/core'
import type { Exchange } from '@holdfast/edge'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { Registration } from '../registration/open-registration.ts'
import { readFormBody } from './read-form-body.ts'

/** Serves one request to the registration endpoint, or about the client that the path names behind it. */
export async function serveRegistration(
  exchange: Exchange,
  correlationId: string,
  registration: Registration,
  clientId: string | undefined,
): Promise<Answer> {
  const { request, certificate, certificateRefusal, role } = exchange
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const asked: ClientRegistrationRequest = {
    authorization: headerValues(request.rawHeaders, 'authorization'),
    certificate,
    certificateRefusal,
    role,
    correlationId,
    ...(method === 'POST' || method === 'PUT' ? { document: await jsonBody(exchange) } : {}),
  }
  if (clientId === undefined) return registration.register(asked)
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

function headerValues(rawHeaders: readonly string[], wanted: string): readonly string[] | undefined {
  const found = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted)
  return found.length === 0 ? undefined : found
}

/** Bytes: a record with keys and a software statement has some 10 KB. */
const bodyLimit = 65_536
