import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { startServer } from '@holdfast/server'
import { createSelfSignedCertificate, createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'
import { issueCertificateList } from '@holdfast/x509/issue'
import { load, writeTestConfiguration } from '../../packages/server/conformance/test-server.ts'
import { startAttackedServer } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'

const acme = {
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
  grant_types: ['client_credentials'],
  scope: 'read',
}

/** Ways in which a trust file has been broken; each takes the good text and the authority behind it. */
const breakages: Readonly<Record<string, (good: string, authority: TestAuthority) => string | Buffer | undefined>> = {
  missing: () => undefined,
  empty: () => '',
  'blank lines only': () => '\n\n',
  'no PEM': () => 'partners',
  'a comment only': () => '# add the CA here\n',
  'DER instead of PEM': (_, authority) => Buffer.from(authority.rootDer),
  'cut in the middle': (good) => good.slice(0, good.length / 2),
  'without its last line': (good) => good.trimEnd().split('\n').slice(0, -1).join('\n'),
  'a character changed': (good) => good.replace(/[A-Za-z]{10}\n/, '!!!!!!!!!!\n'),
  'an octet changed in the DER': (_, authority) => pem(authority.rootDer.with(2, 0)),
  'garbage behind a good one': (good) => `${good}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  'half a certificate behind a good one': (good) => good + good.slice(0, 200),
  'another label': (good) => good.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
  'a private key': (_, authority) => authority.root.keyPem,
  'a good one and a private key': (good, authority) => good + authority.root.keyPem,
  'a leaf': (_, authority) => authority.issue().pem,
  'a good one and a leaf': (good, authority) => good + authority.issue().pem,
  'a self-signed leaf': () => createSelfSignedCertificate().pem,
  'a CA that may not sign': () => createTestAuthority({ rootOptions: { keyUsage: ['cRLSign'] } }).rootPem,
  'UTF-16': (good) => Buffer.from(good, 'utf16le'),
}

test('CVE-2026-27586: with a broken trust file the server does not start', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const { file } = writeTestConfiguration(directory, authority, { clients: [acme] })
  const path = join(directory, 'partners.pem')
  const good = readFileSync(path, 'utf8')
  for (const [what, broken] of Object.entries(breakages)) {
    place(path, broken(good, authority))
    await assert.rejects(startServer(load(file)), { name: 'ConfigurationError', message: /trust\.partners/ }, what)
  }
  rmSync(path)
  await mkdir(path)
  await assert.rejects(startServer(load(file)), { name: 'ConfigurationError' }, 'a directory')
})

test('CVE-2026-27586: a reload with a broken trust file keeps the old trust, and says so', async (t) => {
  const at = await startAttackedServer(t, () => ({ clients: [acme] }))
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
  const stranger = createTestAuthority({ name: 'Stranger' }).issue({ san: { dns: ['acme.example'] } })
  const path = join(at.directory, 'partners.pem')
  const good = readFileSync(path, 'utf8')
  for (const [what, broken] of Object.entries(breakages)) {
    place(path, broken(good, at.authority))
    const reloaded = await at.running.reload()
    assert.ok(!reloaded.ok && reloaded.failure.length > 0, what)
    assert.equal((await at.token('acme', certificate)).status, 200, what)
    assert.equal((await at.token('acme', stranger)).status, 401, what)
    assert.equal((await at.token('acme')).status, 401, what)
  }
  place(path, good)
  assert.ok((await at.running.reload()).ok)
  const shouts = (await at.logText()).match(/"event":"configuration_refused"/g)
  assert.equal(shouts?.length, Object.keys(breakages).length)
})

test('CVE-2022-21654, CVE-2025-68121: after trust was taken away no connection, no session and no new one gets a token', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const at = await startAttackedServer(t, () => ({ clients: [acme] }))
    const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
    const first = await connection(at, version, { cert: certificate.chainPem, key: certificate.keyPem })
    assert.match(await tokenOver(first.socket), /^HTTP\/1.1 200 /)
    place(join(at.directory, 'partners.pem'), createTestAuthority({ name: 'Other' }).rootPem)
    assert.ok((await at.running.reload()).ok)
    assert.match(await tokenOver(first.socket), /^HTTP\/1.1 401 /)
    first.socket.destroy()
    const sessions = first.sessions()
    for (const more of [{}, { cert: certificate.chainPem, key: certificate.keyPem }])
      for (const session of [undefined, ...sessions]) {
        const resumed = await connection(at, version, { ...more, ...(session === undefined ? {} : { session }) })
        assert.equal(resumed.socket.isSessionReused(), false)
        assert.match(await tokenOver(resumed.socket), /^HTTP\/1.1 401 /)
        resumed.socket.destroy()
      }
  }
})

test('CVE-2026-28755: what the CRL names is refused on every kind of listener, the same as on the first', async (t) => {
  const secret = 'a-secret-between-proxy-and-server-0123456789'
  let unix = { path: '' }
  let certificates: readonly TestCertificate[] = []
  const at = await startAttackedServer(t, (directory, authority) => {
    unix = { path: join(directory, 'mtls.sock') }
    const { key, subject } = authority.root
    const root = createTestAuthority({ intermediate: 'no', rootOptions: { key, subject } })
    certificates = [1, 2].map((last) =>
      root.issue({ san: { dns: ['acme.example'] }, serialNumber: Uint8Array.of(0x40, last) }),
    )
    const now = Math.floor(Date.now() / 1000)
    const crl = issueCertificateList(
      {
        thisUpdate: now - 60,
        nextUpdate: now + 3_600,
        number: 1,
        revoked: [{ serialNumber: Uint8Array.of(0x40, 2), revokedAt: now - 60 }],
      },
      { privateKey: key, issuer: subject },
    )
    writeFileSync(join(directory, 'partners.crl'), crl)
    const fromNginx = { from: 'nginx' }
    return {
      clients: [acme],
      more: {
        trust: { partners: { anchors: ['partners.pem'], revocation: { crl: ['partners.crl'] } } },
        listeners: [
          { address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } },
          { address: `unix:${unix.path}`, hosts: ['mtls.as.test'], 'client-certificate': fromNginx },
          {
            address: '127.0.0.1:0',
            hosts: ['mtls.as.test'],
            'client-certificate': { ...fromNginx, 'proxy-secret': secret },
          },
        ],
      },
    }
  })
  const tcp = { port: Number(/:([0-9]+)$/.exec(at.running.addresses[2] ?? '')?.[1]) }
  for (const [index, status] of [200, 401].entries()) {
    const certificate = certificates[index]
    assert.ok(certificate)
    const header = `X-SSL-CERT: ${encodeURIComponent(certificate.pem)}`
    assert.equal((await at.token('acme', certificate)).status, status)
    assert.equal((await at.tokenBehind(unix, 'acme', [header, 'X-SSL-Verify: SUCCESS'])).status, status)
    assert.equal((await at.tokenBehind(tcp, 'acme', [header, `Holdfast-Proxy-Secret: ${secret}`])).status, status)
  }
})

function place(path: string, content: string | Buffer | undefined): void {
  if (content === undefined) rmSync(path, { force: true })
  else writeFileSync(path, content)
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

async function connection(
  at: AttackedServer,
  version: 'TLSv1.2' | 'TLSv1.3',
  more: object,
): Promise<{ readonly socket: TLSSocket; sessions(): readonly Buffer[] }> {
  const sessions: Buffer[] = []
  const socket = connect({
    host: '127.0.0.1',
    port: at.port,
    servername: 'mtls.as.test',
    ca: at.authority.rootPem,
    minVersion: version,
    maxVersion: version,
    ...more,
  })
  socket.on('session', (session) => sessions.push(session))
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return {
    socket,
    sessions: () => {
      const last = socket.getSession()
      return last === undefined ? sessions : [...sessions, last]
    },
  }
}

/** The head of the answer to a token request on a connection that stays open. */
function tokenOver(socket: TLSSocket): Promise<string> {
  const body = 'grant_type=client_credentials&client_id=acme'
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      const length = /content-length: ([0-9]+)/i.exec(text)?.[1]
      const end = text.indexOf('\r\n\r\n')
      if (end < 0 || text.length < end + 4 + Number(length)) return
      socket.off('data', take)
      resolve(text)
    }
    socket.on('data', take)
    socket.once('error', reject)
    socket.write(
      `POST /token HTTP/1.1\r\nHost: mtls.as.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  })
}
