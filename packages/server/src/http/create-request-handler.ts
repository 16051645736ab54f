import { errorResponse, parseFormParameters } from '@holdfast/core'
import type { Answer, Audit, AuditedEndpoint, BackChannelEndpoint, Clock, Failure, Random } from '@holdfast/core'
import type { Exchange, HostRole } from '@holdfast/edge'
import type { Log } from '../log/create-log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { readFormBody } from './read-form-body.ts'
import type { Action, Route, Routes } from './routes.ts'
import { standingHeaders, writeAnswer } from './write-answer.ts'

/** What a reload may replace: looked up again for each request. */
export interface Endpoints {
  readonly token: BackChannelEndpoint
  readonly introspection: BackChannelEndpoint
  readonly revocation: BackChannelEndpoint
}

export interface RequestHandlerOptions {
  readonly routes: { readonly [Role in HostRole]: Routes }
  readonly endpoints: () => Endpoints
  readonly random: Random
  readonly clock: Clock
  readonly audit: Audit
  readonly log: Log
  readonly metrics: Metrics
  /** Bytes. */
  readonly bodyLimit: number
  readonly strictTransport: 'yes' | 'no'
}

/**
 * Makes the function that serves what the edge lets through.
 *
 * Each request gets an id of ours, never one from outside. What is not foreseen is `server_error` with that id, and its
 * cause is in the log.
 */
export function createRequestHandler(options: RequestHandlerOptions): (exchange: Exchange) => void {
  const { routes, random, clock, audit, log, metrics } = options
  const standing = {
    main: standingHeaders(options.strictTransport),
    mtls: standingHeaders('no'),
  }

  return (exchange) => {
    const { request, response, role } = exchange
    const started = performance.now()
    const correlationId = random.identifier()
    const route = routes[role].find(pathOf(request.url ?? ''))
    const name = route?.endpoint ?? 'none'

    const answer = (answered: Answer): void => {
      writeAnswer(request, response, answered, standing[role])
      const milliseconds = performance.now() - started
      metrics.requestAnswered(name, answered.status, milliseconds / 1000)
      log.requestAnswered({ correlationId, endpoint: name, status: answered.status, milliseconds })
    }
    const unexpected = (cause: unknown): void => {
      log.unexpected({ correlationId, where: name, cause })
      if (!response.headersSent) answer(errorResponse({ reason: 'unexpected', cause }, correlationId))
      else response.destroy()
    }
    const refuse = async (endpoint: AuditedEndpoint, failure: Failure): Promise<void> => {
      const certificateThumbprint = exchange.certificate?.thumbprint
      const at = clock.now()
      await audit.record({
        event: 'request_refused',
        endpoint,
        failure,
        correlationId,
        at,
        clientId: undefined,
        certificateThumbprint,
      })
      const refused = errorResponse(failure, correlationId)
      // The rest of the body is not read, so the connection cannot be used again.
      const close = failure.reason === 'form_too_large' && request.httpVersionMajor === 1
      answer(close ? { ...refused, headers: { ...refused.headers, connection: 'close' } } : refused)
    }

    try {
      if (route === undefined) return answer(notFound(correlationId))
      const action = actionOf(route, request.method)
      if (action === undefined) return answer(otherMethod(route, request.method, correlationId))
      if (action.kind === 'document') return answer(documentAnswer(action.document()))
      const failure = contentTypeFailure(request.headers['content-type'])
      if (failure !== undefined) return void refuse(action.endpoint, failure).catch(unexpected)
      readFormBody(request, options.bodyLimit, (body) => {
        if (body.outcome === 'gone') return
        if (body.outcome === 'too_large') {
          return void refuse(action.endpoint, { reason: 'form_too_large', limit: options.bodyLimit }).catch(unexpected)
        }
        const form = parseFormParameters(body.text)
        if (!form.ok) return void refuse(action.endpoint, form.failure).catch(unexpected)
        const authorization = authorizationOf(request.rawHeaders, request.headers['authorization'])
        if (authorization === 'repeated') {
          const repeated = { reason: 'authorization_header_malformed', problem: 'repeated' } as const
          return void refuse(action.endpoint, repeated).catch(unexpected)
        }
        options
          .endpoints()
          [action.endpoint]({
            form: form.value,
            authorization: authorization?.value,
            certificate: exchange.certificate,
            certificateRefusal: exchange.certificateRefusal,
            role,
            correlationId,
          })
          .then(answer)
          .catch(unexpected)
      })
    } catch (cause) {
      unexpected(cause)
    }
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

function actionOf(route: Route, method: string | undefined): Action | undefined {
  if (method === 'POST') return route.methods.POST
  return method === 'GET' || method === 'HEAD' ? route.methods.GET : undefined
}

function allowed(route: Route): readonly string[] {
  return [
    ...(route.methods.GET === undefined ? [] : ['GET', 'HEAD']),
    ...(route.methods.POST ? ['POST'] : []),
    'OPTIONS',
  ]
}

/** OPTIONS is answered; of documents it is what a browser asks before a page may read them from elsewhere. */
function otherMethod(route: Route, method: string | undefined, correlationId: string): Answer {
  if (method !== 'OPTIONS') {
    return errorResponse({ reason: 'method_not_allowed', method: method ?? '', allowed: allowed(route) }, correlationId)
  }
  const allow = { allow: allowed(route).join(', ') }
  const open = route.methods.GET?.kind === 'document'
  return {
    status: 204,
    headers: open ? { ...allow, ...anyOrigin, 'access-control-allow-methods': 'GET' } : allow,
    body: '',
  }
}

function documentAnswer({
  body,
  contentType,
  maxAge,
}: ReturnType<Extract<Action, { kind: 'document' }>['document']>): Answer {
  const headers = { 'content-type': contentType, 'cache-control': `public, max-age=${maxAge}`, ...anyOrigin }
  return { status: 200, headers, body }
}

function notFound(correlationId: string): Answer {
  const description = `There is nothing at this path. (reference ${correlationId})`
  return {
    status: 404,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ error: 'not_found', error_description: description }),
  }
}

function contentTypeFailure(contentType: string | readonly string[] | undefined): Failure | undefined {
  if (contentType === form) return undefined
  const presented = typeof contentType === 'string' ? contentType : undefined
  const type = presented?.split(';', 1)[0]?.trim().toLowerCase()
  return type === form ? undefined : { reason: 'content_type_unsupported', presented }
}

/** The one `Authorization` header: Node keeps the first and hides that there were others. */
function authorizationOf(
  rawHeaders: readonly string[],
  value: string | readonly string[] | undefined,
): { readonly value: string } | 'repeated' | undefined {
  if (typeof value !== 'string') return undefined
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === authorizationLength && name.toLowerCase() === 'authorization') count++
  }
  return count > 1 ? 'repeated' : { value }
}

const form = 'application/x-www-form-urlencoded'
const authorizationLength = 'authorization'.length
const anyOrigin = { 'access-control-allow-origin': '*' }
