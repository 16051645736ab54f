import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { startServer } from '@holdfast/server'
import type { RunningServer, StartOptions } from '@holdfast/server'
import { createTestAuthority, listenOnLoopback, temporaryDirectory } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'
import { parseCertificate } from '@holdfast/x509'
import { load, sendRequest, writeTestConfiguration } from './test-server.ts'
import type { TestAnswer, TestRequest } from './test-server.ts'

/** The books of a CA as `openssl ca` and `openssl ocsp` keep them. */
export interface OpensslAuthority {
  /** Writes a certificate into the books; what is not in them is unknown to the responder. */
  enter(certificate: TestCertificate, status: 'valid' | 'revoked'): void
  /** A CRL of `openssl ca -gencrl`, in PEM or DER, that ends after so many seconds. */
  crl(options?: { readonly seconds?: number; readonly form?: 'PEM' | 'DER' }): Buffer
  /** A running `openssl ocsp`; answers its URL on loopback and how to end it. */
  respond(t: TestContext, further?: readonly string[]): Promise<{ readonly url: string; end(): Promise<void> }>
}

/** Opens books for the CA `signer` in a folder of their own. */
export async function opensslAuthority(
  t: TestContext,
  signer: TestCertificate,
  responder: TestCertificate = signer,
): Promise<OpensslAuthority> {
  const directory = await temporaryDirectory(t)
  const entries = new Map<string, string>()
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)
  write('ca.pem', signer.pem)
  write('ca.key', signer.keyPem)
  write('responder.pem', responder.pem)
  write('responder.key', responder.keyPem)
  write('crlnumber', '01\n')
  write('index.txt', '')
  write('ca.cnf', configuration)
  const openssl = (args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  return {
    enter: (certificate, status) => {
      const serial = serialOf(certificate)
      const revocation = status === 'valid' ? '' : '260101000000Z,keyCompromise'
      const mark = status === 'valid' ? 'V' : 'R'
      entries.set(serial, [mark, '491231235959Z', revocation, serial, 'unknown', `/CN=${serial}`].join('\t'))
      write('index.new', [...entries.values(), ''].join('\n'))
      renameSync(join(directory, 'index.new'), join(directory, 'index.txt'))
    },
    crl: ({ seconds = 3600, form = 'PEM' } = {}) => {
      openssl(['ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem', '-crlsec', String(seconds)])
      if (form === 'DER') openssl(['crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der'])
      return readFileSync(join(directory, form === 'DER' ? 'crl.der' : 'crl.pem'))
    },
    respond: async (running, further = ['-nmin', '5']) => {
      const signing = ['-rsigner', 'responder.pem', '-rkey', 'responder.key']
      const args = ['ocsp', '-port', '0', '-index', 'index.txt', '-CA', 'ca.pem', ...signing, ...further]
      const child = spawn('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] })
      const end = async (): Promise<void> => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      running.after(end)
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      return { url: `http://127.0.0.1:${/:([0-9]+) PID/.exec(line)?.[1] ?? 'none'}/`, end }
    },
  }
}

export function serialOf({ der }: TestCertificate): string {
  const parsed = parseCertificate(der)
  if (!parsed.ok) throw new Error(parsed.failure.reason)
  return Buffer.from(parsed.value.serialNumber).toString('hex').toUpperCase()
}

/** A web server for CRLs, whose behaviour can be changed while it runs. */
export interface CrlServer {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly requests: string[]
  answer: (request: IncomingMessage, response: ServerResponse) => void
}

export async function startCrlServer(t: TestContext, octets: () => Buffer): Promise<CrlServer> {
  const server = createServer((request, response) => {
    crlServer.requests.push(request.url ?? '')
    crlServer.answer(request, response)
  })
  const port = await listenOnLoopback(t, server)
  const crlServer: CrlServer = {
    url: `http://127.0.0.1:${port}/ca.crl`,
    host: `127.0.0.1:${port}`,
    port,
    requests: [],
    answer: (_request, response) => void response.writeHead(200).end(octets()),
  }
  return crlServer
}

/** A server of ours with revocation for its trust `partners`, and a client `acme` that is known by `acme.example`. */
export interface RevocationServer {
  readonly server: RunningServer
  close(): Promise<void>
  readonly directory: string
  readonly file: string
  readonly port: number
  configure(revocation: object): void
  /** Asks for a token with this certificate; the reason of a refusal is in `reason`. */
  token(certificate: TestCertificate, more?: Partial<TestRequest>): Promise<TestAnswer & { readonly reason: string }>
  introspect(token: unknown): Promise<unknown>
  /** The events of the log, read from its file once `found` is among them. */
  logged(found: (event: LogEvent) => boolean): Promise<readonly LogEvent[]>
}

export type LogEvent = Readonly<Record<string, unknown>>

export async function startRevocationServer(
  t: TestContext,
  authority: TestAuthority,
  revocation: (directory: string) => object,
  options: StartOptions & { readonly directory?: string; readonly more?: object } = {},
): Promise<RevocationServer> {
  const { directory = await temporaryDirectory(t), more = {}, ...start } = options
  const settings = (value: object) => ({
    clients,
    more: {
      trust: { partners: { anchors: ['partners.pem'], revocation: value } },
      audit: { destination: 'audit.jsonl' },
      ...more,
    },
  })
  const given = revocation(directory)
  const again = join(directory, 'holdfast.yaml')
  const { file, configure } = existsSync(again)
    ? { file: again, configure: () => undefined }
    : writeTestConfiguration(directory, authority, settings(given))
  const server = await startServer(load(file), start)
  let state: 'open' | 'closed' = 'open'
  const close = async (): Promise<void> => {
    if (state === 'open') await server.close()
    state = 'closed'
  }
  t.after(close)
  const port = Number(/:([0-9]+)$/.exec(server.addresses[0] ?? '')?.[1])
  const post = (path: string, host: string, form: Readonly<Record<string, string>>, sent: Partial<TestRequest>) =>
    sendRequest(port, authority.rootPem, {
      method: 'POST',
      path,
      host,
      body: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      ...sent,
    })
  const events = (name: string): readonly LogEvent[] => {
    const path = join(directory, name)
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as LogEvent)
  }
  return {
    server,
    close,
    directory,
    file,
    port,
    configure: (value) => configure(settings(value)),
    token: async (certificate, sent = {}) => {
      const form = { grant_type: 'client_credentials', client_id: 'acme' }
      const answer = await post('/token', 'mtls.as.test', form, { certificate, ...sent })
      // The audit is written before the answer leaves.
      const last = events('audit.jsonl').at(-1) as { readonly failure?: { readonly reason: string } } | undefined
      return { ...answer, reason: last?.failure?.reason ?? '' }
    },
    introspect: async (token) => {
      const form = { client_id: 'api', client_secret: 'a secret of the api', token: String(token) }
      return (await post('/introspect', 'as.test', form, {})).json['active']
    },
    logged: async (found) => {
      for (const end = performance.now() + patience; ;) {
        const all = events('holdfast.log')
        if (all.some(found)) return all
        if (performance.now() > end) throw new Error(`not in the log: ${JSON.stringify(all.slice(-5))}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}

const clients = [
  {
    client_id: 'acme',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'acme.example',
    trust: 'partners',
    tls_client_certificate_bound_access_tokens: true,
    grant_types: ['client_credentials'],
    scope: 'orders:read',
  },
  {
    client_id: 'api',
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: 'a secret of the api',
    grant_types: [],
    introspection_audience: '*',
  },
]

/** A CA with one certificate for `acme`, and no intermediate: one CRL tells all. */
export function partnerAuthority(): { readonly authority: TestAuthority; issue(): TestCertificate } {
  const authority = createTestAuthority({ intermediate: 'no', name: 'Partner' })
  return { authority, issue: () => authority.issue({ san: { dns: ['acme.example'] } }) }
}

/** Milliseconds for a line of the log to be written. */
const patience = 10_000

const configuration = `[ca]
default_ca = it
[it]
database = index.txt
crlnumber = crlnumber
default_md = sha256
certificate = ca.pem
private_key = ca.key
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid
`
