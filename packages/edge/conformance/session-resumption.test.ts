import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { clientTls, exchange1, get, identity, makeNames, startEdge, tlsOn } from './edge-under-test.ts'
import type { Echo } from './edge-under-test.ts'

const names = makeNames()
const resumable = { ...names.mtls, resumption: 'same-certificate' } as const
const versions: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3']

for (const version of versions) {
  test(`${version}: a session of the main name is resumed there, and carries no certificate`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, names.mtls])])
    const first = await visit(port(), 'login.test', version)
    assert.ok(first.session)
    const second = await visit(port(), 'login.test', version, { session: first.session })
    assert.deepEqual([second.resumed, second.echo.tls?.resumed, second.echo.thumbprint], [true, true, null])
  })

  test(`${version}: the mtls name resumes nothing by default: each connection proves the key again`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, names.mtls])])
    const first = await visit(port(), 'mtls.login.test', version, own())
    assert.equal(first.echo.thumbprint, names.client.thumbprint)
    const second = await visit(port(), 'mtls.login.test', version, { session: first.session })
    assert.deepEqual([second.resumed, second.echo.thumbprint], [false, null])
  })

  test(`RFC8705-M13 ${version}: where resumption is allowed, the resumed connection has the certificate of the first, whatever it offers`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, resumable])])
    const first = await visit(port(), 'mtls.login.test', version, own())
    assert.ok(first.session)
    const stranger = makeNames().client
    const second = await visit(port(), 'mtls.login.test', version, {
      cert: stranger.chainPem,
      key: stranger.keyPem,
      session: first.session,
    })
    assert.equal(second.resumed, true)
    assert.equal(second.echo.thumbprint, names.client.thumbprint)
    assert.deepEqual(second.echo.source, { kind: 'handshake', serverName: 'mtls.login.test', resumed: true })
    assert.equal(second.echo.chain, 0)
  })

  test(`${version}: a server that does not tell its names apart resumes a session of one under another`, async (t) => {
    // What the next test tries is really offered: here it is taken.
    const careless = createTlsServer({ ...tlsOf(names.login), ...tlsVersion(version) }, (socket) => {
      socket.on('error', () => undefined).end('hello')
    })
    careless.listen(0, '127.0.0.1')
    await once(careless, 'listening')
    t.after(() => careless.close())
    const { port } = careless.address() as AddressInfo
    const hosts = ['login.test', 'mtls.login.test', '']
    for (const from of hosts)
      for (const to of hosts) {
        const first = await handshake(port, from, version)
        assert.ok(first.session)
        const second = await handshake(port, to, version, renamed(first.session, to))
        assert.equal(second.resumed, true, `${from} to ${to}`)
        if (from !== to)
          assert.equal((await handshake(port, to, version, first.session)).resumed, false, 'as Node would')
      }
  })

  test(`${version}: a session of one name is never resumed under another, in any direction`, async (t) => {
    const other = { ...resumable, serverName: 'other.test', ...identity(names.authority.issueServer(['other.test'])) }
    const { port } = await startEdge(t, [
      tlsOn([names.login, resumable, other], { otherwise: { main: 'login.test' } }),
      tlsOn([resumable], { name: 'second port' }),
    ])
    const hosts = ['login.test', 'mtls.login.test', 'other.test', '']
    for (const from of hosts) {
      const first = await visit(port(), from, version, own())
      assert.ok(first.session)
      for (const to of hosts) {
        // No name and the main name are served by one and the same configuration.
        const same = (from || 'login.test') === (to || 'login.test')
        const second = await visit(port(), to, version, { session: renamed(first.session, to) })
        assert.deepEqual([second.resumed, second.echo.tls?.resumed], [same, same], `${from} to ${to}`)
        if (!same) assert.equal(second.echo.thumbprint, null, `${from} to ${to}`)
      }
    }
    const first = await visit(port(), 'mtls.login.test', version, own())
    const elsewhere = await visit(port('second port'), 'mtls.login.test', version, {
      session: first.session,
    })
    assert.deepEqual([elsewhere.resumed, elsewhere.echo.thumbprint], [false, null])
  })

  test(`${version}: no session outlives a new certificate or a change of trust`, async (t) => {
    const { port, edge } = await startEdge(t, [tlsOn([names.login, resumable])])
    for (const change of [
      () => edge.forgetSessions('public', 'mtls.login.test'),
      () => edge.replaceCertificate('public', 'mtls.login.test', resumable),
    ]) {
      const first = await visit(port(), 'mtls.login.test', version, own())
      const control = await visit(port(), 'mtls.login.test', version, { session: first.session })
      assert.equal(control.resumed, true)
      change()
      const after = await visit(port(), 'mtls.login.test', version, { session: first.session })
      assert.deepEqual([after.resumed, after.echo.thumbprint], [false, null])
    }
  })

  test(`${version}: a second edge with the same options knows nothing of the first one’s sessions`, async (t) => {
    const one = await startEdge(t, [tlsOn([resumable])])
    const two = await startEdge(t, [tlsOn([resumable])])
    const first = await visit(one.port(), 'mtls.login.test', version, own())
    const second = await visit(two.port(), 'mtls.login.test', version, { session: first.session })
    assert.deepEqual([second.resumed, second.echo.thumbprint], [false, null])
  })
}

test('TLS 1.2 renegotiation is refused: the certificate of a connection cannot change', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.mtls])])
  const socket = connectTls({
    ...clientTls(names, 'mtls.login.test', names.client),
    port: port(),
    host: '127.0.0.1',
    maxVersion: 'TLSv1.2',
  })
  await once(socket, 'secureConnect')
  const outcome = await new Promise<string>((resolve) => {
    socket.once('error', (error) => resolve(error.message))
    socket.once('close', () => resolve('closed'))
    socket.renegotiate({ rejectUnauthorized: false }, (error) =>
      resolve(error === null ? 'renegotiated' : error.message),
    )
  })
  assert.match(outcome, /no renegotiation|closed/)
})

interface Visit {
  readonly echo: Echo
  readonly session: Buffer | undefined
  readonly resumed: boolean
}

async function visit(port: number, name: string, version: SecureVersion, more: ConnectionOptions = {}): Promise<Visit> {
  const socket = connectTls({
    ...clientTls(names, name),
    port,
    host: '127.0.0.1',
    minVersion: version,
    maxVersion: version,
    ...more,
  })
  let session: Buffer | undefined
  socket.on('session', (given) => (session = given))
  const resumed = await new Promise<boolean>((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket.isSessionReused()))
    socket.once('error', reject)
  })
  const answer = await exchange1(socket, get(name === '' ? 'login.test' : name))
  return { echo: answer.echo, session, resumed }
}

/** Node's client keeps the server's name in front of a session and will not offer it to another; an attacker's would. */
function renamed(session: Buffer, to: string): Buffer {
  assert.ok(session.subarray(0, prefix.length).equals(prefix), 'Node keeps sessions as it did')
  const name = Buffer.from(to || '127.0.0.1')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(name.length)
  const after = prefix.length + 2 + session.readUInt16BE(prefix.length)
  return Buffer.concat([prefix, length, name, session.subarray(after)])
}

const prefix = Buffer.from('\0nodejs:tls:session:1\0')

/** A connection without a request: until the server has said what it had to say. */
async function handshake(
  port: number,
  name: string,
  version: SecureVersion,
  offered?: Buffer,
): Promise<{ readonly session: Buffer | undefined; readonly resumed: boolean }> {
  const socket = connectTls({
    ...clientTls(names, name),
    ...tlsVersion(version),
    ...{ port, host: '127.0.0.1' },
    ...(offered === undefined ? {} : { session: offered }),
  })
  let session: Buffer | undefined
  socket.on('session', (given) => (session = given))
  await once(socket, 'secureConnect')
  const resumed = socket.isSessionReused()
  socket.resume()
  await once(socket, 'close')
  return { session, resumed }
}

function tlsOf({ certificate, key }: typeof names.login): {
  readonly cert: typeof certificate
  readonly key: typeof key
} {
  return { cert: certificate, key }
}

function tlsVersion(version: SecureVersion): {
  readonly minVersion: SecureVersion
  readonly maxVersion: SecureVersion
} {
  return { minVersion: version, maxVersion: version }
}

function own(): ConnectionOptions {
  return { cert: names.client.chainPem, key: names.client.keyPem }
}
