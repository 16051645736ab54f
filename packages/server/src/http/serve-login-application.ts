import { createHash, timingSafeEqual } from 'node:crypto'
import { trustedByProfile } from '@holdfast/core'
import type { Answer, Audit, ClientAuthenticationPorts, Clock, PersonFailure } from '@holdfast/core'
import type { Exchange } from '@holdfast/edge'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { LoginApplicationConfiguration } from '../config/resolve-login-application.ts'
import { applicationAnswer } from '../people/application-answer.ts'
import type { LoginApplication } from '../people/login-application.ts'
import { authorizationHeaders } from './authorization-headers.ts'
import { readFormBody } from './read-form-body.ts'
import type { Route } from './routes.ts'

/** The login application that is configured now. */
export interface CurrentLoginApplication {
  readonly application: LoginApplication
  readonly proof: LoginApplicationConfiguration['proof']
}

export interface LoginApplicationChannelPorts {
  readonly current: () => CurrentLoginApplication | undefined
  readonly trust: () => ClientAuthenticationPorts | undefined
  readonly audit: Audit
  readonly clock: Clock
}

/**
 * The back channel of a login application: `/login-application/describe`, `/accept` and `/reject`, JSON by POST. With a secret it
 * is on the main host, with a certificate on the one that asks for it; on the other there is nothing.
 */
export function loginApplicationRoutes(ports: LoginApplicationChannelPorts): Readonly<Record<string, Route>> {
  const action = { kind: 'exchange', serve: (exchange: Exchange, id: string) => serve(ports, exchange, id) } as const
  const route: Route = { endpoint: 'login_application', methods: { POST: action } }
  return Object.fromEntries(verbs.map((verb) => [`/login-application/${verb}`, route]))
}

const verbs = ['describe', 'accept', 'reject'] as const

async function serve(ports: LoginApplicationChannelPorts, exchange: Exchange, correlationId: string): Promise<Answer> {
  const now = ports.current()
  const there = now?.proof.kind === 'certificate' ? 'mtls' : 'main'
  if (now === undefined || exchange.role !== there)
    return answer(404, {
      error: 'not_found',
      error_description: `There is nothing at this path. (reference ${correlationId})`,
    })
  const refuse = async (status: number, error: string, failure: PersonFailure, told: string, subject?: string) => {
    await ports.audit.record({
      event: 'login_refused',
      correlationId,
      at: ports.clock.now(),
      clientId: undefined,
      certificateThumbprint: exchange.certificate?.thumbprint,
      way: 'application',
      subject,
      failure,
      address: exchange.remoteAddress ?? 'unknown',
    })
    const challenge = status === 401 && there === 'main' ? { 'www-authenticate': 'Bearer' } : {}
    return answer(status, { error, error_description: `${told} (reference ${correlationId})` }, challenge)
  }
  const proven = await prove(now.proof, exchange, correlationId, ports)
  if (!proven.ok) {
    exchange.request.resume()
    return refuse(401, 'invalid_client', proven.failure, 'the application did not prove itself')
  }
  const members = await jsonBody(exchange)
  if (!members.ok)
    return refuse(400, 'invalid_request', { reason: 'answer_malformed', problem: members.failure }, members.failure)
  const { handle } = members.value
  if (typeof handle !== 'string')
    return refuse(400, 'invalid_request', { reason: 'answer_malformed', problem: 'handle' }, 'handle is missing')
  const { application } = now
  const verb = (exchange.request.url ?? '').split('?', 1)[0]?.split('/').at(-1)
  if (verb === 'describe') {
    const asked = await application.describe(handle)
    return asked === undefined
      ? refuse(404, 'unknown_handle', { reason: 'handle_unknown' }, 'no login waits behind this handle')
      : answer(200, asked)
  }
  const read = verb === 'accept' ? applicationAnswer(members.value) : ok({ kind: 'reject' } as const)
  if (!read.ok)
    return refuse(400, 'invalid_request', { reason: 'answer_malformed', problem: read.failure }, read.failure)
  const taken = await application.answer(handle, read.value)
  if (taken.ok) return answer(200, { redirect_to: taken.value })
  const { reason, told, subject } = taken.failure
  if (reason === 'handle_unknown') return refuse(404, 'unknown_handle', { reason }, told)
  return refuse(reason === 'person_unknown' ? 403 : 400, reason, { reason }, told, subject)
}

/** Whether this is the application, by its secret or its certificate. */
async function prove(
  proof: LoginApplicationConfiguration['proof'],
  { request, certificate, certificateRefusal }: Exchange,
  correlationId: string,
  { trust, clock }: LoginApplicationChannelPorts,
): Promise<Result<undefined, PersonFailure>> {
  if (proof.kind === 'secret') {
    const header = authorizationHeaders(request)
    const shown = typeof header === 'string' ? /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1] : undefined
    if (shown === undefined) return fail({ reason: 'application_secret_missing' })
    return sameText(shown, proof.secret) ? ok(undefined) : fail({ reason: 'application_secret_wrong' })
  }
  const ports = trust()
  if (ports === undefined || certificate === undefined)
    return fail({ ...(certificateRefusal ?? { reason: 'certificate_missing' }) })
  const asking = {
    clientId: undefined,
    request: { form: ok(new Map<string, string>()), role: 'mtls', certificate, correlationId },
    ports,
    now: clock.now(),
  } as const
  const trusted = await trustedByProfile(certificate, proof.trust, asking)
  if (!trusted.ok) return fail({ ...trusted.failure })
  const names = trusted.value.certificate.subjectAltNames.flatMap((one) => (one.kind === 'dns' ? [one.name] : []))
  return names.some((name) => name.toLowerCase() === proof.dns)
    ? ok(undefined)
    : fail({ reason: 'application_certificate_of_another', expected: proof.dns, presented: names })
}

/** Takes the same time whatever is wrong, and says nothing of the length. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function jsonBody({ request, response }: Exchange): Promise<Result<Readonly<Record<string, unknown>>, string>> {
  const type = request.headers['content-type']
  if (typeof type !== 'string' || type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    request.resume()
    return Promise.resolve(fail('the body must be application/json'))
  }
  return new Promise((resolve) => {
    readFormBody(request, longestBody, (body) => {
      if (body.outcome === 'read') return resolve(parsed(body.text))
      if (request.httpVersionMajor === 1 && !response.headersSent) response.setHeader('connection', 'close')
      resolve(fail('the body is too large'))
    })
  })
}

/** The reader gives one character for each byte. */
function parsed(bytes: string): Result<Readonly<Record<string, unknown>>, string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'))
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return ok(value as Readonly<Record<string, unknown>>)
  } catch {
    // Told below.
  }
  return fail('the body is not a JSON object')
}

function answer(status: number, body: object, more: Readonly<Record<string, string>> = {}): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', ...more }
  return { status, headers, body: JSON.stringify(body) }
}

/** Bytes: a handful of claims. */
const longestBody = 16_384
