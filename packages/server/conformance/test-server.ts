import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { Agent } from 'node:https'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createMasterKeyFile, formatProblem, loadConfiguration, startServer } from '@holdfast/server'
import type { Configuration, RunningServer, StartOptions } from '@holdfast/server'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'

/** A server on a port of its own, with the CA that its configuration trusts under the name `partners`. */
export interface TestServer {
  readonly server: RunningServer
  readonly authority: TestAuthority
  readonly directory: string
  readonly file: string
  readonly port: number
  /** Writes the configuration file again; `reload()` is the caller's. */
  configure(settings: TestSettings): void
  /** Sends a request and answers what came back. */
  send(options: TestRequest): Promise<TestAnswer>
  /** A form to an endpoint; host `mtls.as.test` when there is a certificate, else `as.test`. */
  post(path: string, form: Readonly<Record<string, string>>, options?: Partial<TestRequest>): Promise<TestAnswer>
}

export interface TestSettings {
  readonly clients?: readonly object[]
  /** Laid over the configuration, top-level key by key. */
  readonly more?: Readonly<Record<string, unknown>>
  /** Beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Further certificates of servers, `NAME.pem` and `NAME.key`, each for its hosts. */
  readonly identities?: Readonly<Record<string, readonly string[]>>
}

export interface TestRequest {
  readonly method?: string
  readonly path: string
  readonly host?: string
  readonly certificate?: Pick<TestCertificate, 'chainPem' | 'keyPem'>
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
  readonly agent?: Agent
}

export interface TestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON, when it is. */
  readonly json: Readonly<Record<string, unknown>>
}

/** Starts a server in this process on a free port and stops it after the test. `files`: by name, beside its configuration. */
export async function startTestServer(
  t: Pick<TestContext, 'after'>,
  settings: TestSettings,
  options: StartOptions = {},
  files: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const directory = await temporaryDirectory(t)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const authority = createTestAuthority()
  const { file, configure } = writeTestConfiguration(directory, authority, settings)
  const server = await startServer(load(file), options)
  t.after(() => server.close())
  const port = Number(/:([0-9]+)$/.exec(server.addresses[0] ?? '')?.[1])
  const send = (sent: TestRequest): Promise<TestAnswer> => sendRequest(port, authority.rootPem, sent)
  return {
    server,
    authority,
    directory,
    file,
    port,
    configure,
    send,
    post: (path, form, more = {}) =>
      send({
        method: 'POST',
        path,
        host: more.certificate === undefined ? 'as.test' : 'mtls.as.test',
        body: new URLSearchParams(form).toString(),
        ...more,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...more.headers },
      }),
  }
}

/** Writes certificates, keys and a configuration for `as.test` and `mtls.as.test` on one free port. */
export function writeTestConfiguration(
  directory: string,
  authority: TestAuthority,
  settings: TestSettings,
): { readonly file: string; configure(settings: TestSettings): void } {
  const identity = authority.issueServer(['as.test', 'mtls.as.test'])
  const file = join(directory, 'holdfast.yaml')
  writeFileSync(join(directory, 'server.pem'), identity.chainPem)
  writeFileSync(join(directory, 'server.key'), identity.keyPem)
  writeFileSync(join(directory, 'partners.pem'), authority.rootPem)
  createMasterKeyFile(join(directory, 'master.key'))
  for (const [name, hosts] of Object.entries(settings.identities ?? {})) {
    const further = authority.issueServer(hosts)
    writeFileSync(join(directory, `${name}.pem`), further.chainPem)
    writeFileSync(join(directory, `${name}.key`), further.keyPem)
  }
  const store = storeOfAll()
  const configure = ({ clients = [], more = {}, files = {} }: TestSettings): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
    const configuration = {
      issuer: 'https://as.test',
      hosts: { 'as.test': { role: 'main' }, 'mtls.as.test': { role: 'mtls' } },
      listeners: [{ address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } }],
      trust: { partners: { anchors: ['partners.pem'] } },
      keys: { 'master-key-file': 'master.key' },
      log: { level: 'info', destination: 'holdfast.log' },
      clients,
      ...store,
      ...more,
    }
    writeFileSync(file, JSON.stringify(configuration, undefined, 2))
  }
  configure(settings)
  return { file, configure }
}

/** With HOLDFAST_TEST_STORE_URL=postgres://… every server keeps what it has there, in a schema of its own, where its test says nothing else. */
function storeOfAll(): Readonly<Record<string, unknown>> {
  const url = process.env['HOLDFAST_TEST_STORE_URL']
  return url === undefined ? {} : { store: { url, schema: `test_${randomUUID().replaceAll('-', '')}` } }
}

/** The configuration in the file, or an error with its problems. */
export function load(file: string): Configuration {
  const loaded = loadConfiguration({ file })
  if (loaded.ok) return loaded.value
  throw new Error(loaded.failure.problems.map((problem) => formatProblem(problem, file)).join('\n'))
}

/** One request over a real handshake. */
export function sendRequest(port: number, ca: string, sent: TestRequest): Promise<TestAnswer> {
  const host = sent.host ?? 'as.test'
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: sent.path,
        method: sent.method ?? 'GET',
        servername: host,
        ca,
        agent: sent.agent ?? false,
        ...(sent.certificate === undefined ? {} : { cert: sent.certificate.chainPem, key: sent.certificate.keyPem }),
        headers: { host, ...sent.headers },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: jsonOf(text) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(sent.body)
  })
}

/** The claims of a JWT, unverified. */
export function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  return jsonOf(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
