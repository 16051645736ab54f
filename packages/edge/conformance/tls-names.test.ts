import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import test from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { SecureVersion } from 'node:tls'
import {
  clientTls,
  get,
  http1,
  http2,
  identity,
  makeNames,
  open,
  openHttp2,
  startEdge,
  tlsOn,
} from './edge-under-test.ts'

const names = makeNames()
const versions: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3']

for (const version of versions) {
  test(`RFC8705-M1 RFC8705-M23 ${version}: on one port only the mtls name asks for a certificate, and its leaf and chain arrive`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, names.mtls])])
    const at = (name: string) => ({
      port: port(),
      tls: { ...clientTls(names, name, names.client), minVersion: version, maxVersion: version },
    })
    const main = (await http1(at('login.test'), get('login.test'))).echo
    assert.deepEqual([main.host, main.role, main.thumbprint], ['login.test', 'main', null])
    const mtls = (await http1(at('mtls.login.test'), get('mtls.login.test'))).echo
    assert.equal(mtls.thumbprint, names.client.thumbprint)
    assert.equal(mtls.chain, 1)
    assert.deepEqual(mtls.source, { kind: 'handshake', serverName: 'mtls.login.test', resumed: false })
    assert.equal(mtls.tls?.protocol, version)
    assert.equal(mtls.remoteAddress, '127.0.0.1')

    const session = await openHttp2(t, at('mtls.login.test'))
    const over2 = (await http2(session, { ':authority': 'mtls.login.test', ':method': 'POST' }, 'grant_type=x')).echo
    assert.equal(over2.thumbprint, names.client.thumbprint)
    assert.equal(over2.body, 'grant_type=x')
    assert.equal(over2.tls?.alpn, 'h2')
  })

  test(`${version}: the picker probe sees a request for a certificate on the mtls name and on no other way in`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, names.mtls], { otherwise: { main: 'login.test' } })])
    for (const [name, asked] of [
      ['login.test', false],
      ['LOGIN.test', false],
      ['other.test', false],
      ['', false],
      ['mtls.login.test', true],
      ['MTLS.login.TEST', true],
      ['mtls.login.test.', true],
    ] as const) {
      for (const ALPNProtocols of [['h2'], ['http/1.1'], []]) {
        const socket = connectTls({
          ...clientTls(names, name),
          port: port(),
          host: '127.0.0.1',
          ALPNProtocols,
          minVersion: version,
          maxVersion: version,
        })
        // Only inside this event: on a socket that has closed, this getter has crashed processes.
        const requested = await new Promise<boolean>((resolve, reject) => {
          socket.once('secureConnect', () => resolve(socket.getSharedSigalgs().length > 0))
          socket.once('error', reject)
        })
        assert.equal(requested, asked, `${name} ${ALPNProtocols.join()}`)
        socket.destroy()
      }
    }
  })

  test(`${version}: a ClientHello in pieces of any size, by segments or by records, finds its name`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, names.mtls])])
    for (const [how, size] of [
      ['segments', 1],
      ['segments', 5],
      ['records', 1],
      ['records', 32],
      ['records', 100],
    ] as const) {
      const wire = connectTcp({ port: port(), host: '127.0.0.1', noDelay: true })
      await once(wire, 'connect')
      const socket = connectTls({
        ...clientTls(names, 'mtls.login.test', names.client),
        socket: fragmenting(wire, how, size),
        minVersion: version,
        maxVersion: version,
      })
      const answer = await answerOn(socket, get('mtls.login.test'))
      assert.match(answer, new RegExp(names.client.thumbprint), `${how} of ${size}`)
    }
  })
}

test('a client that names nobody, a stranger or an address is refused by an alert, and never asked for a certificate', async (t) => {
  const { port, reasons } = await startEdge(t, [tlsOn([names.login, names.mtls])])
  for (const name of ['', 'other.test', 'login.test.example', 'xlogin.test']) {
    await assert.rejects(open({ port: port(), tls: clientTls(names, name) }), /unrecognized name|alert/i, name)
  }
  assert.deepEqual(reasons(), ['server_name_missing', 'server_name_unknown'])
})

test('a client that names nobody gets the main name where the listener says so, and cannot reach the mtls host there', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.login, names.mtls], { otherwise: { main: 'login.test' } })])
  for (const name of ['', 'other.test']) {
    const target = { port: port(), tls: clientTls(names, name, names.client) }
    const echo = (await http1(target, get('login.test'))).echo
    assert.deepEqual([echo.role, echo.thumbprint], ['main', null])
    assert.equal((await http1(target, get('mtls.login.test'))).status, 421)
  }
})

test('the name that takes unknown clients must be a main one', async (t) => {
  await assert.rejects(
    startEdge(t, [tlsOn([names.mtls], { otherwise: { main: 'mtls.login.test' } })]),
    /otherwise\.main/,
  )
})

test('RFC8705-M30 only TLS 1.2 and 1.3 are spoken, and on mtls names only the suites of RFC 9325', async (t) => {
  const rsa = names.authority.issueServer(['mtls.login.test'], { key: 'rsa-2048' })
  const { port } = await startEdge(t, [tlsOn([names.login, { ...names.mtls, ...identity(rsa) }])])
  const at = (name: string, options: object) => ({ port: port(), tls: { ...clientTls(names, name), ...options } })
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  for (const name of ['login.test', 'mtls.login.test']) await assert.rejects(open(at(name, old)))
  for (const ciphers of [
    'AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-SHA',
    'ECDHE-RSA-AES128-SHA256',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ]) {
    await assert.rejects(open(at('mtls.login.test', { maxVersion: 'TLSv1.2', ciphers })), `${ciphers} was taken`)
  }
  for (const ciphers of ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384']) {
    ;(await open(at('mtls.login.test', { maxVersion: 'TLSv1.2', ciphers }))).destroy()
  }
})

test('a protocol that is not offered ends in an alert', async (t) => {
  const { port, events } = await startEdge(t, [tlsOn([{ ...names.login, protocols: ['http/1.1'] }])])
  await assert.rejects(
    open({ port: port(), tls: { ...clientTls(names, 'login.test'), ALPNProtocols: ['h2'] } }),
    /no application protocol/,
  )
  assert.deepEqual(
    events.map((event) => event.event),
    ['connection_refused'],
  )
})

test('a chain of more than five certificates is not taken, and the request says why', async (t) => {
  let issuer = names.authority.issueAuthority()
  const chain = [issuer.certificate]
  for (let depth = 0; depth < 5; depth++) {
    const key = issuer
    issuer = { ...key, certificate: names.authority.issueAuthority({ commonName: `Test ${depth}` }).certificate }
    chain.push(issuer.certificate)
  }
  const { port, reasons } = await startEdge(t, [tlsOn([names.mtls])])
  const tls = {
    ...clientTls(names, 'mtls.login.test', names.client),
    cert: [names.client.pem, ...chain.map(({ pem }) => pem)].join(''),
  }
  const { echo } = await http1({ port: port(), tls }, get('mtls.login.test'))
  assert.deepEqual([echo.thumbprint, echo.certificateRefusal?.reason], [null, 'certificate_chain_too_long'])
  assert.deepEqual(reasons(), ['certificate_chain_too_long'])
})

test('expired, self-signed and foreign certificates arrive as they are: trust is judged later', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.mtls])])
  const foreign = makeNames().client
  const expired = names.authority.issue({ notBefore: 1_600_000_000, notAfter: 1_600_000_100 })
  const wrongUse = names.authority.issue({ eku: ['serverAuth'] })
  for (const certificate of [foreign, expired, wrongUse]) {
    const { echo } = await http1(
      { port: port(), tls: clientTls(names, 'mtls.login.test', certificate) },
      get('mtls.login.test'),
    )
    assert.equal(echo.thumbprint, certificate.thumbprint)
  }
  const { echo } = await http1({ port: port(), tls: clientTls(names, 'mtls.login.test') }, get('mtls.login.test'))
  assert.deepEqual([echo.thumbprint, echo.certificateRefusal], [null, null])
})

test('port style: one host name on two ports, of which one asks; Host tells the ports apart', async (t) => {
  const local = identity(names.authority.issueServer(['localhost']))
  const { port } = await startEdge(t, [
    tlsOn([{ serverName: 'localhost', role: 'main', ...local }], { name: 'people' }),
    tlsOn([{ serverName: 'localhost', role: 'mtls', ...local }], { name: 'machines' }),
  ])
  const ask = (listener: string, host: string) =>
    http1({ port: port(listener), tls: clientTls(names, 'localhost', names.client) }, get(host))
  const people = (await ask('people', `localhost:${port('people')}`)).echo
  assert.deepEqual([people.role, people.thumbprint], ['main', null])
  const machines = (await ask('machines', `LOCALHOST.:${port('machines')}`)).echo
  assert.deepEqual([machines.role, machines.thumbprint], ['mtls', names.client.thumbprint])
  assert.equal((await ask('people', `localhost:${port('machines')}`)).status, 421)
  assert.equal((await ask('machines', `localhost:${port('people')}`)).status, 421)
  assert.equal((await ask('people', 'localhost')).status, 421)
})

test('a new certificate is used for new connections, an unusable one changes nothing', async (t) => {
  const { port, edge } = await startEdge(t, [tlsOn([names.login])])
  const served = async (): Promise<string> => {
    const socket = connectTls({ ...clientTls(names, 'login.test'), port: port(), host: '127.0.0.1' })
    const serial = await new Promise<string>((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket.getPeerCertificate().fingerprint256))
      socket.once('error', reject)
    })
    socket.destroy()
    return serial
  }
  const before = await served()
  assert.throws(() => edge.replaceCertificate('public', 'login.test', { certificate: 'nonsense', key: 'nonsense' }))
  assert.throws(() => edge.replaceCertificate('public', 'nobody.test', names.login), /nobody\.test/)
  assert.equal(await served(), before)
  edge.replaceCertificate('public', 'login.test', identity(names.authority.issueServer(['login.test'])))
  assert.notEqual(await served(), before)
})

/** Cuts the first flight of a TLS client into small segments or small records. */
function fragmenting(wire: Socket, how: 'segments' | 'records', size: number): Duplex {
  let first = true
  const duplex = new Duplex({
    read() {
      wire.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      if (!first) {
        wire.write(chunk, done)
        return
      }
      first = false
      const content = how === 'segments' ? chunk : chunk.subarray(5)
      const parts: Buffer[] = []
      for (let at = 0; at < content.length; at += size) {
        const part = content.subarray(at, at + size)
        parts.push(
          how === 'segments'
            ? part
            : Buffer.concat([chunk.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 255]), part]),
        )
      }
      const next = (): void => {
        const part = parts.shift()
        if (part === undefined) done()
        else wire.write(part, () => setImmediate(next))
      }
      next()
    },
    final: (done) => void wire.end(done),
    destroy(error, done) {
      wire.destroy()
      done(error)
    },
  })
  wire.on('data', (chunk: Buffer) => duplex.push(chunk) || wire.pause())
  wire.on('end', () => duplex.push(null))
  wire.on('error', () => duplex.destroy())
  return duplex
}

async function answerOn(socket: Duplex, request: string): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'secureConnect')
  socket.write(request)
  await once(socket, 'end')
  return Buffer.concat(chunks).toString()
}
