import { errorResponse, parseFormParameters } from '@holdfast/core'
import type { Answer, BackChannelRequest, Random, RequestFailure } from '@holdfast/core'
import type { Exchange, HostRole } from '@holdfast/edge'
import { fail } from '@holdfast/x509'
import type { Log } from '../log/create-log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import type { Endpoints } from './endpoints.ts'
import { authorizationHeaders, joined } from './authorization-headers.ts'
import { readFormBody } from './read-form-body.ts'
import type { Action, Route, Routes } from './routes.ts'
import { standingHeaders, writeAnswer } from './write-answer.ts'

export interface RequestHandlerOptions {
  readonly routes: { readonly [Role in HostRole]: Routes }
  /** Of role `mtls`, where people are asked for certificates: nothing but these is found there. */
  readonly asking?: { readonly host: string; readonly routes: Routes } | undefined
  readonly endpoints: () => Endpoints
  readonly random: Random
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
  const { routes, asking, random, log, metrics } = options
  const standing = {
    main: standingHeaders(options.strictTransport),
    mtls: standingHeaders('no'),
  }

  return (exchange) => {
    const { request, response, role, base } = exchange
    const started = performance.now()
    const correlationId = random.identifier()
    const here = role === 'mtls' && exchange.host === asking?.host ? asking.routes : routes[role]
    const route = here.find(pathOf(request.url ?? '').slice(base.length))
    const name = route?.endpoint ?? 'none'

    const answer = (answered: BrowserAnswer): void => {
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
    const serveForm = (endpoint: keyof Endpoints, form: BackChannelRequest['form']): void => {
      const serve = options.endpoints()[endpoint]
      if (serve === undefined) return answer(notFound(correlationId))
      serve({
        form,
        authorization: authorizationHeaders(request),
        dpop: joined(request.headers['dpop']),
        accept: joined(request.headers['accept']),
        certificate: exchange.certificate,
        certificateRefusal: exchange.certificateRefusal,
        role,
        correlationId,
      })
        .then((answered) => {
          const { certificate } = exchange
          const done = answered.status === 200 || answered.status === 201
          if (done && certificate !== undefined) exchange.vouchFor(certificate)
          answer(answered)
        })
        .catch(unexpected)
    }

    try {
      if (route === undefined) return answer(notFound(correlationId))
      const action = actionOf(route, request.method)
      if (action === undefined) return answer(otherMethod(route, request.method ?? '', correlationId))
      if (action.kind === 'document') return answer(action.answer())
      if (action.kind === 'echo') return answer(action.answer(exchange) ?? notFound(correlationId))
      if (action.kind === 'exchange') return void action.serve(exchange, correlationId).then(answer).catch(unexpected)
      const unsupported =
        contentTypeFailure(request.headers['content-type']) ??
        contentEncodingFailure(request.headers['content-encoding'])
      if (unsupported !== undefined) return serveForm(action.endpoint, fail(unsupported))
      readFormBody(request, options.bodyLimit, (body) => {
        try {
          if (body.outcome === 'read') return serveForm(action.endpoint, parseFormParameters(body.text))
          if (body.outcome === 'gone') return
          // The rest of the body is not read, so the connection cannot be used again.
          if (request.httpVersionMajor === 1) response.setHeader('connection', 'close')
          serveForm(action.endpoint, fail({ reason: 'form_too_large', limit: options.bodyLimit }))
        } catch (cause) {
          unexpected(cause)
        }
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
  if (method === 'GET' || method === 'HEAD') return route.methods.GET
  return method === 'PUT' || method === 'DELETE' ? route.methods[method] : undefined
}

function allowed(route: Route): readonly string[] {
  return [
    ...(route.methods.GET === undefined ? [] : ['GET', 'HEAD']),
    ...(route.methods.POST ? ['POST'] : []),
    ...(route.methods.PUT ? ['PUT'] : []),
    ...(route.methods.DELETE ? ['DELETE'] : []),
    'OPTIONS',
  ]
}

/** OPTIONS is answered; of documents it is what a browser asks before a page may read them from elsewhere. */
function otherMethod(route: Route, method: string, correlationId: string): Answer {
  if (method !== 'OPTIONS') {
    return errorResponse({ reason: 'method_not_allowed', method, allowed: allowed(route) }, correlationId)
  }
  const allow = { allow: allowed(route).join(', ') }
  const open = route.methods.GET?.kind === 'document'
  return {
    status: 204,
    headers: open ? { ...allow, ...anyOrigin, 'access-control-allow-methods': 'GET' } : allow,
    body: '',
  }
}

function notFound(correlationId: string): Answer {
  const description = `There is nothing at this path. (reference ${correlationId})`
  return {
    status: 404,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ error: 'not_found', error_description: description }),
  }
}

function contentTypeFailure(contentType: string | readonly string[] | undefined): RequestFailure | undefined {
  if (contentType === form) return undefined
  const presented = typeof contentType === 'string' ? contentType : undefined
  const type = presented?.split(';', 1)[0]?.trim().toLowerCase()
  return type === form ? undefined : { reason: 'content_type_unsupported', presented }
}

/** Nothing is decompressed: a small body would become a large one, and no client of these endpoints has a need. */
function contentEncodingFailure(encoding: string | readonly string[] | undefined): RequestFailure | undefined {
  if (encoding === undefined) return undefined
  return {
    reason: 'content_encoding_unsupported',
    presented: typeof encoding === 'string' ? encoding : encoding.join(),
  }
}

const form = 'application/x-www-form-urlencoded'
const anyOrigin = { 'access-control-allow-origin': '*' }
