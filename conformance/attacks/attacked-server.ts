import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { startServer } from '@holdfast/server'
import type { RunningServer, StartOptions } from '@holdfast/server'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'
import { load, sendRequest, writeTestConfiguration } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer, TestRequest, TestSettings } from '../../packages/server/conformance/test-server.ts'
import { formType, rawExchange, rawRequest } from './raw-exchange.ts'
import type { RawAnswer, RawTarget } from './raw-exchange.ts'

/** A server that is started anew from its own files, as a service manager would. */
export interface AttackedServer {
  readonly directory: string
  readonly authority: TestAuthority
  readonly file: string
  readonly running: RunningServer
  readonly port: number
  configure(settings: TestSettings): void
  restart(): Promise<void>
  send(request: TestRequest): Promise<TestAnswer>
  /** A form to an endpoint; host `mtls.as.test` when there is a certificate, else `as.test`. */
  post(path: string, form: Form, options?: Partial<TestRequest>): Promise<TestAnswer>
  /** A token request by client credentials. */
  token(clientId: string, certificate?: TestCertificate, more?: Record<string, string>): Promise<TestAnswer>
  /** The TLS port under one of its names. */
  tls(host: string): RawTarget
  /** The same token request with header lines, behind a proxy: on a Unix socket or a plain port. */
  tokenBehind(target: RawTarget, clientId: string, lines: readonly string[]): Promise<RawAnswer>
  logText(): Promise<string>
}

type Form = Readonly<Record<string, string>>

/** Writes what `settings` says into a directory of its own and serves it until the end of the test, or of the file. */
export async function startAttackedServer(
  t: { after(cleanUp: () => Promise<void>): void },
  settings: (directory: string, authority: TestAuthority) => TestSettings,
  options: StartOptions = {},
): Promise<AttackedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-attacked-'))
  const authority = createTestAuthority()
  const { file, configure } = writeTestConfiguration(directory, authority, settings(directory, authority))
  let close = (): Promise<void> => Promise.resolve()
  t.after(async () => {
    await close()
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  })
  let running = await startServer(load(file), options)
  close = () => running.close()
  const port = (): number => Number(/:([0-9]+)$/.exec(running.addresses[0] ?? '')?.[1])
  const send = (request: TestRequest): Promise<TestAnswer> => sendRequest(port(), authority.rootPem, request)
  const post: AttackedServer['post'] = (path, form, more = {}) =>
    send({
      method: 'POST',
      path,
      host: more.certificate === undefined ? 'as.test' : 'mtls.as.test',
      body: new URLSearchParams(form).toString(),
      ...more,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...more.headers },
    })
  return {
    directory,
    authority,
    file,
    get running() {
      return running
    },
    get port() {
      return port()
    },
    configure,
    async restart() {
      await running.close()
      running = await startServer(load(file), options)
    },
    send,
    post,
    token: (clientId, certificate, more = {}) =>
      post(
        '/token',
        { grant_type: 'client_credentials', client_id: clientId, ...more },
        certificate === undefined ? {} : { certificate },
      ),
    tls: (host) => ({ port: port(), tls: { servername: host, ca: authority.rootPem } }),
    tokenBehind: (target, clientId, lines) =>
      rawExchange(
        target,
        rawRequest(
          'POST',
          '/token',
          'mtls.as.test',
          [formType, ...lines],
          `grant_type=client_credentials&client_id=${clientId}`,
        ),
      ),
    logText: () => readFile(join(directory, 'holdfast.log'), 'utf8'),
  }
}

/** For what lives as long as the test file: to be called at its top, where `after` is that of the file. */
export function untilFileEnds(): { after(cleanUp: () => Promise<void>): void } {
  const cleanUps: (() => Promise<void>)[] = []
  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })
  return { after: (cleanUp) => void cleanUps.push(cleanUp) }
}
