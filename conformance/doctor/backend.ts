import { createPublicKey, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import { runClient } from '../clients/run-client.ts'
import { freePort, startProgram, untilReady } from '../proxies/start-program.ts'
import { startGuardedApi } from './guarded-api.ts'

/** The terminators whose generated configuration the zoo starts from. */
export const bases = [
  'nginx',
  'haproxy',
  'apache',
  'caddy',
  'nginx-passthrough',
  'haproxy-passthrough',
  'edge',
] as const
export type Base = (typeof bases)[number]

/** One Holdfast that stands behind the whole zoo, with a listener for each kind of terminator. */
export interface Backend {
  readonly folder: string
  readonly ca: string
  readonly tokenFile: string
  /** Where Holdfast ends TLS itself. */
  readonly ownPort: number
  /** Where it believes whoever connects from this machine. */
  readonly trustingPort: number
  /** The generated files of a terminator, by name; port 443 throughout. */
  readonly generated: (base: Base) => Promise<ReadonlyMap<string, string>>
}

export const mainName = 'login.example.com'
export const mtlsName = 'mtls.login.example.com'
const apiName = 'api.example.com'
const strangerName = 'other.example.net'
export const holdfast: string = resolve(import.meta.dirname, '../../packages/cli/bin/holdfast.js')

export async function startBackend(t: TestContext): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-zoo-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  // Terminators run as other users.
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'run'))
  const inFolder = (path: string): string => join(folder, path)
  const authority = createTestAuthority()
  const server = authority.issueServer([mainName, mtlsName, apiName])
  const now = Math.floor(Date.now() / 1000)
  const ended = { notBefore: now - 90_000, notAfter: now - 9_000 }
  const stale = createTestAuthority({ name: 'Stale', intermediateOptions: ended })
  const again = { key: server.key }
  const probe = createSelfSignedCertificate({ commonName: 'probe' })
  const unregistered = createSelfSignedCertificate({ commonName: 'probe' })
  for (const [name, text] of Object.entries({
    'server.pem': server.chainPem,
    'server.key': server.keyPem,
    'server.pem.key': server.keyPem,
    'ca.pem': authority.rootPem + stale.rootPem,
    'leaf-alone.pem': server.pem,
    'ended.pem': authority.issueServer([mainName, mtlsName], { ...again, ...ended }).chainPem,
    'ca-ended.pem': stale.issueServer([mainName, mtlsName], again).chainPem,
    'main-alone.pem': authority.issueServer([mainName], again).chainPem,
    'probe.pem': probe.pem,
    'probe.key': probe.keyPem,
    'unregistered.pem': unregistered.pem,
    'unregistered.key': unregistered.keyPem,
    'master.key': `${randomBytes(32).toString('base64')}\n`,
    'doctor-token': `${randomBytes(32).toString('base64url')}\n`,
  }))
    await writeFile(inFolder(name), text, { mode: name === 'master.key' ? 0o600 : 0o644 })
  const [ownPort, passPort, trustingPort] = [await freePort(), await freePort(), await freePort()]
  const tls = { certificate: inFolder('server.pem'), key: inFolder('server.key') }
  const both = [mainName, mtlsName]
  const socket = (name: string): string => `unix:${inFolder(`run/${name}.sock`)}`
  const main = { address: socket('main'), hosts: [mainName], 'socket-mode': '666' }
  const behind = (from: string, verdict: string, name = from): object => ({
    address: socket(name),
    hosts: [mtlsName],
    'socket-mode': '666',
    'client-certificate': { from, verdict },
  })
  const own = { address: `127.0.0.1:${ownPort}`, tls, hosts: both, 'without-server-name': 'main' }
  const passed = { ...own, address: `127.0.0.1:${passPort}`, 'proxy-protocol': 'v1-or-v2' }
  const trusting = {
    address: `127.0.0.1:${trustingPort}`,
    hosts: [mtlsName],
    'client-certificate': { from: 'nginx', 'dangerously-trust-addresses': ['127.0.0.1'] },
  }
  const terminators = {
    nginx: [main, behind('nginx', 'required')],
    haproxy: [main, behind('haproxy', 'required')],
    apache: [main, behind('apache', 'required')],
    caddy: [main, behind('caddy', 'optional')],
    'nginx-passthrough': [passed],
    'haproxy-passthrough': [passed],
    edge: [main, behind('rfc9440', 'optional')],
  }
  const client = {
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    jwks: {
      keys: [
        {
          ...createPublicKey(probe.key).export({ format: 'jwk' }),
          x5c: [Buffer.from(probe.der).toString('base64')],
        },
      ],
    },
  }
  const configuration = (listeners: readonly object[], more: object = {}): string =>
    JSON.stringify({
      issuer: `https://${mainName}`,
      hosts: { [mainName]: { role: 'main', tls }, [mtlsName]: { role: 'mtls', tls } },
      listeners,
      keys: { 'master-key-file': inFolder('master.key') },
      store: { url: `sqlite:${inFolder('holdfast.db')}` },
      management: { 'doctor-token-file': inFolder('doctor-token') },
      clients: [
        { ...client, client_id: 'probe' },
        { ...client, client_id: 'unbound', binding: 'off' },
      ],
      log: { level: 'error' },
      ...more,
    })
  for (const base of bases) await writeFile(inFolder(`${base}.yaml`), configuration(terminators[base]))
  const all = ['nginx', 'haproxy', 'apache', 'caddy', 'edge'] as const
  const config = inFolder('holdfast.yaml')
  await writeFile(
    config,
    configuration([main, ...all.flatMap((base) => terminators[base].slice(1)), own, passed, trusting]),
  )
  const program = startProgram(t, process.execPath, [holdfast, 'serve', '--config', config])
  await untilReady(() => existsSync(inFolder('run/main.sock')), program, 'holdfast serve')
  // Another server to which the same name was given, as when a test system is copied.
  const stranger = inFolder('stranger.yaml')
  await writeFile(
    stranger,
    configuration(
      [
        { ...main, address: socket('stranger-main'), hosts: [strangerName] },
        behind('nginx', 'required', 'stranger-nginx'),
      ],
      {
        issuer: `https://${strangerName}`,
        hosts: { [strangerName]: { role: 'main', tls }, [mtlsName]: { role: 'mtls', tls } },
        store: { url: `sqlite:${inFolder('stranger.db')}` },
      },
    ),
  )
  const other = startProgram(t, process.execPath, [holdfast, 'serve', '--config', stranger])
  await untilReady(() => existsSync(inFolder('run/stranger-nginx.sock')), other, 'holdfast serve')
  await startGuardedApi(t, inFolder('run/api.sock'), {
    url: `https://${mainName}`,
    socket: inFolder('run/main.sock'),
  })
  const made = new Map<Base, Promise<ReadonlyMap<string, string>>>()
  return {
    ...{ folder, ownPort, trustingPort },
    ca: inFolder('ca.pem'),
    tokenFile: inFolder('doctor-token'),
    generated: (base) => {
      if (base === 'edge') return Promise.resolve(new Map([['edge.yaml', edgeYaml]]))
      const texts = made.get(base) ?? generate(folder, base)
      made.set(base, texts)
      return texts
    },
  }
}

/** `holdfast edge` is its own terminator: its file is written by hand, as the guide has it. */
const edgeYaml = `listen: "127.0.0.1:443"
without-server-name: main
tls: { certificate: $FOLDER/server.pem, key: $FOLDER/server.key }
hosts:
  login.example.com: { role: main, upstream: "unix:$FOLDER/run/main.sock" }
  mtls.login.example.com: { role: mtls, header: rfc9440, upstream: "unix:$FOLDER/run/rfc9440.sock" }
`

async function generate(folder: string, base: Exclude<Base, 'edge'>): Promise<ReadonlyMap<string, string>> {
  const made = await runClient(process.execPath, [
    ...[holdfast, 'proxy-config', base, '--config', join(folder, `${base}.yaml`), '--listen', '127.0.0.1'],
    ...['--dir', join(folder, 'generated', base), '--json'],
  ])
  if (made.code !== 0) throw new Error(`holdfast proxy-config ${base}:\n${made.stderr}`)
  const names = {
    nginx: ['holdfast.conf'],
    haproxy: ['haproxy.cfg', 'holdfast-443.crt-list'],
    apache: ['holdfast.conf'],
  }
  const more = {
    caddy: ['Caddyfile'],
    'nginx-passthrough': ['holdfast-stream.conf'],
    'haproxy-passthrough': ['haproxy.cfg'],
  }
  const texts = new Map<string, string>()
  for (const name of { ...names, ...more }[base])
    texts.set(name, await readFile(join(folder, 'generated', base, name), 'utf8'))
  return texts
}
