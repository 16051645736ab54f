import { createPublicKey, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import { runClient } from '../clients/run-client.ts'
import { freePort, listensOn, startProgram, untilReady } from './start-program.ts'
import { askOnce, type Opening } from './terminator-client.ts'
import type { Terminator } from './terminators.ts'

/** Certificates of all sorts; made once for all terminators. */
export interface Certificates {
  readonly authority: ReturnType<typeof createTestAuthority>
  readonly server: TestCertificate
  /** Registered with `tls_client_auth`. */
  readonly acme: TestCertificate
  /** Registered with `self_signed_tls_client_auth`, each as a client of its name. */
  readonly selfSigned: Readonly<Record<string, TestCertificate>>
  /** Each must be refused for acme. */
  readonly strangers: Readonly<Record<string, TestCertificate>>
  /** Each must be refused for acme; a terminator may do so by itself. */
  readonly bad: Readonly<Record<string, TestCertificate>>
}

export const mainName = 'login.example.com'
export const mtlsName = 'mtls.login.example.com'
/** A domain of its own for certificates. */
export const otherName = 'certificates.example.net'
export const clientSecret = 'a secret of the client without a certificate'

export function makeCertificates(): Certificates {
  const authority = createTestAuthority()
  const san = { dns: ['acme.example'] }
  const self = (name: string, options: Parameters<typeof createSelfSignedCertificate>[0]): TestCertificate =>
    createSelfSignedCertificate({ commonName: name, ...options })
  const sized = (bytes: number): TestCertificate =>
    self(`sized-${bytes}`, { extensions: [filler(randomBytes(bytes - 400))] })
  return {
    authority,
    server: authority.issueServer([mainName, mtlsName, otherName]),
    acme: authority.issue({ commonName: 'acme', san }),
    selfSigned: {
      rsa: self('rsa', { key: 'rsa-2048' }),
      ec: self('ec', { key: 'ec-p256' }),
      'ec-p384': self('ec-p384', { key: 'ec-p384' }),
      ed25519: self('ed25519', { key: 'ed25519' }),
      // Of three copies, a byte apart, one lies so that base64 makes it all +.
      'plus-and-slash': self('plus-and-slash', {
        extensions: [
          filler(Buffer.concat([pluses, Buffer.of(0), pluses, Buffer.of(0), pluses, Buffer.alloc(300, 0xff)])),
        ],
      }),
      '2-kb': sized(2048),
      '4-kb': sized(4096),
      '8-kb': sized(8192),
      '12-kb': sized(12_288),
    },
    strangers: {
      'another name of the same CA': authority.issue({ commonName: 'stranger', san: { dns: ['stranger.example'] } }),
      'the same name of another CA': createTestAuthority().issue({ commonName: 'acme', san }),
      'the same name, self-signed': self('acme', { san }),
    },
    bad: {
      expired: authority.issue({ commonName: 'acme', san, notBefore: 1_600_000_000, notAfter: 1_600_086_400 }),
      'not yet valid': authority.issue({ commonName: 'acme', san, notBefore: 2_400_000_000 }),
      'for servers only': authority.issue({ commonName: 'acme', san, eku: ['serverAuth'] }),
    },
  }
}

/** Where certificates are asked for. */
export type HostingStyle = 'sub-domain' | 'domain' | 'port' | 'path'

/** A terminator with the generated configuration in front of a `holdfast serve`. */
export interface Site {
  readonly main: string
  /** Where certificates are asked for, as a key of `hosts` in the configuration. */
  readonly mtls: string
  readonly opening: (role: 'main' | 'mtls', more?: Partial<Opening>) => Opening
}

export async function startSite(
  t: TestContext,
  terminator: Terminator,
  preset: string,
  certificates: Certificates,
  style: HostingStyle = 'sub-domain',
): Promise<Site | undefined> {
  const folder = await mkdtemp(join(tmpdir(), `holdfast-${terminator.name}-`))
  t.after(() => rm(folder, { recursive: true, force: true }))
  // The terminator may run as another user.
  await chmod(folder, 0o755)
  const port = await freePort()
  const mtlsPort = style === 'port' ? await freePort() : port
  const names = {
    main: `${mainName}:${port}`,
    mtls: {
      'sub-domain': `${mtlsName}:${port}`,
      domain: `${otherName}:${port}`,
      port: `${mainName}:${mtlsPort}`,
      path: `${mainName}:${port}/mtls`,
    }[style],
  }
  const inFolder = (path: string): string => join(folder, path)
  await mkdir(inFolder('run'))
  const { server } = certificates
  for (const [file, text] of Object.entries({
    'server.pem': server.chainPem,
    'server.key': server.keyPem,
    // Where HAProxy looks for it.
    'server.pem.key': server.keyPem,
    'anchor.pem': certificates.authority.rootPem,
    'issuing.pem': certificates.authority.issuing.pem,
    'master.key': `${randomBytes(32).toString('base64')}\n`,
    'proxy-secret': `${randomBytes(32).toString('base64')}\n`,
  }))
    await writeFile(inFolder(file), text, { mode: file === 'master.key' ? 0o600 : 0o644 })
  const tls = { certificate: inFolder('server.pem'), key: inFolder('server.key') }
  const ports = terminator.upstream === 'tcp' ? { main: await freePort(), mtls: await freePort() } : undefined
  const address = (role: 'main' | 'mtls'): object =>
    ports === undefined
      ? { address: `unix:${inFolder(`run/${role}.sock`)}`, 'socket-mode': '666' }
      : { address: `127.0.0.1:${ports[role]}` }
  const behindProxy = (): readonly object[] => [
    { ...address('main'), hosts: [names.main] },
    {
      ...address('mtls'),
      hosts: [names.mtls],
      'client-certificate': {
        from: preset,
        'proxy-secret-file': inFolder('proxy-secret'),
        ...(preset === terminator.presets[0] ? { verdict: terminator.verdict } : {}),
      },
    },
  ]
  const ownPort = await freePort()
  const ownTls = (): object => ({
    address: `127.0.0.1:${ownPort}`,
    tls,
    hosts: [names.main, names.mtls],
    'proxy-protocol': 'v1-or-v2',
    'without-server-name': 'main',
  })
  const config = inFolder('holdfast.yaml')
  await writeFile(
    config,
    JSON.stringify({
      issuer: `https://${names.main}`,
      hosts: {
        [names.main]: { role: 'main', tls },
        [names.mtls]: { role: 'mtls', ...(style === 'path' ? {} : { tls }) },
      },
      listeners: terminator.upstream === 'tls' ? [ownTls()] : behindProxy(),
      trust: { partners: { anchors: [inFolder('anchor.pem')], intermediates: [inFolder('issuing.pem')] } },
      clients: clients(certificates),
      keys: { 'master-key-file': inFolder('master.key') },
      store: { url: `sqlite:${inFolder('holdfast.db')}` },
      log: { level: 'warn' },
    }),
  )
  const bin = resolve(import.meta.dirname, '../../packages/cli/bin/holdfast.js')
  const made = await runClient(process.execPath, [
    ...[bin, 'proxy-config', terminator.name, '--config', config, '--listen', '127.0.0.1', '--dir', folder],
  ])
  if (made.code !== 0) throw new Error(`holdfast proxy-config ${terminator.name}:\n${made.stderr}`)
  const serve = startProgram(t, process.execPath, [bin, 'serve', '--config', config])
  await untilReady(
    async () => {
      if (terminator.upstream === 'tls') return listensOn(ownPort)
      if (ports !== undefined) return (await listensOn(ports.main)) && (await listensOn(ports.mtls))
      return existsSync(inFolder('run/main.sock')) && existsSync(inFolder('run/mtls.sock'))
    },
    serve,
    'holdfast serve',
  )
  await openToAll(folder)
  const program = await terminator.start(t, folder)
  if (program === undefined) return undefined
  const site: Site = {
    ...names,
    opening: (role, more = {}) => ({
      port: role === 'main' ? port : mtlsPort,
      ca: certificates.authority.rootPem,
      serverName: role === 'main' ? mainName : names.mtls.replace(/[:/].*$/, ''),
      http: 'h1',
      ...more,
    }),
  }
  await untilReady(
    async () => (await askOnce(site.opening('main'), { host: site.main, path: '/jwks' })).status === 200,
    program,
    terminator.name,
  )
  return site
}

/** What the command wrote for its owner alone is read by a terminator that gave up being root. */
async function openToAll(folder: string): Promise<void> {
  for (const name of ['holdfast.conf', 'haproxy.cfg', 'Caddyfile'])
    if (existsSync(join(folder, name))) await chmod(join(folder, name), 0o644)
}

function clients(certificates: Certificates): readonly Readonly<Record<string, unknown>>[] {
  const common = { grant_types: ['client_credentials'], scope: 'orders:read' }
  return [
    {
      ...common,
      client_id: 'acme',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'acme.example',
      trust: 'partners',
      tls_client_certificate_bound_access_tokens: true,
    },
    ...Object.entries(certificates.selfSigned).map(([name, { key, der }]) => ({
      ...common,
      client_id: name,
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: {
        keys: [{ ...createPublicKey(key).export({ format: 'jwk' }), x5c: [Buffer.from(der).toString('base64')] }],
      },
      tls_client_certificate_bound_access_tokens: true,
    })),
    {
      ...common,
      client_id: 'secretive',
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: clientSecret,
      binding: 'if_present',
    },
  ]
}

function filler(value: Uint8Array): { readonly oid: string; readonly critical: boolean; readonly value: Uint8Array } {
  return { oid: '1.3.6.1.4.1.99999.1', critical: false, value }
}

const pluses = Buffer.alloc(300, 'fbefbe', 'hex')
