import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { before, test } from 'node:test'
import { connect } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'
import { rawExchange, rawRequest } from './raw-exchange.ts'

const file = untilFileEnds()
let at: AttackedServer

before(async () => {
  at = await startAttackedServer(file, () => ({ clients: [] }))
})

test('CVE-2026-48928, -48491: a TLS name in any case and with a dot has its own rules, any other name none at all', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const limits = { minVersion: version, maxVersion: version }
    for (const servername of ['mtls.as.test', 'MTLS.AS.TEST', 'mTLS.aS.test', 'mtls.as.test.', 'MTLS.AS.TEST.']) {
      assert.equal(await asksForCertificate({ servername, ...limits }), true, servername)
    }
    for (const servername of ['as.test', 'AS.TEST', 'as.test.']) {
      assert.equal(await asksForCertificate({ servername, ...limits }), false, servername)
    }
    for (const servername of [
      undefined,
      'test',
      'other.test',
      'x.mtls.as.test',
      'mtls.as.test..',
      'mtls-as.test',
      'as.test.evil.example',
      'xn--as-.test',
      '*.as.test',
      'localhost',
    ]) {
      await assert.rejects(
        asksForCertificate({ ...(servername === undefined ? {} : { servername }), ...limits }),
        String(servername),
      )
    }
  }
})

test('CVE-2026-21637: no server name and no list of protocols, however odd, ends the process', async () => {
  const hello = await recordedHello('mtls.as.test')
  const at0 = hello.indexOf('mtls.as.test')
  const oddities = [
    'mtls.as\0test',
    'mtls.as.tes\xff',
    '............',
    '__proto__.ab',
    'constructor.',
    '           .',
    '-tls.as.test',
    '127.0.0.1.ab',
    '[::1]mtls.as',
    'mtls/as/test',
    'MTLS.AS.TEST',
  ]
  for (const odd of oddities) {
    assert.equal(odd.length, 12)
    const changed = Buffer.from(hello)
    changed.write(odd, at0, 'latin1')
    await sendAndClose(changed)
  }
  for (let at1 = 0; at1 < hello.length; at1 += 3) {
    const changed = Buffer.from(hello)
    changed[at1] = (changed[at1] ?? 0) ^ 0xff
    await sendAndClose(changed)
  }
  for (const protocols of [['x'.repeat(255)], ['\0'], ['h3'], Array.from({ length: 100 }, (_, index) => `p${index}`)]) {
    await assert.rejects(asksForCertificate({ servername: 'as.test', ALPNProtocols: protocols }), protocols.join())
  }
  assert.equal((await at.send({ path: '/jwks' })).status, 200)
})

test('CVE-2026-32305, -53622: the host of each request must be that of the connection’s TLS name', async () => {
  const certificate = at.authority.issue()
  const withKey = { cert: certificate.chainPem, key: certificate.keyPem }
  for (const [servername, host, status] of [
    ['as.test', 'as.test', 200],
    ['as.test', 'AS.TEST.', 200],
    ['as.test', 'mtls.as.test', 421],
    ['as.test', 'MTLS.as.test.', 421],
    ['as.test', 'other.test', 421],
    ['as.test', '127.0.0.1', 421],
    ['mtls.as.test', 'as.test', 421],
    ['mtls.as.test', 'mtls.as.test', 404],
    ['MTLS.AS.TEST', 'as.test', 421],
  ] as const) {
    const tls = { servername, ca: at.authority.rootPem, checkServerIdentity: () => undefined, ...withKey }
    const answer = await rawExchange({ port: at.port, tls }, rawRequest('GET', '/jwks', host))
    assert.equal(answer.status, status, `${servername} and ${host}`)
  }
})

/** Whether the server asks for a certificate; rejects when it does not take the handshake. */
async function asksForCertificate(options: ConnectionOptions): Promise<boolean> {
  const certificate = at.authority.issue()
  const socket = connect({
    host: '127.0.0.1',
    port: at.port,
    ca: at.authority.rootPem,
    checkServerIdentity: () => undefined,
    cert: certificate.chainPem,
    key: certificate.keyPem,
    ...options,
  })
  const role = new Promise<boolean>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
    // Which host answers tells which name's rules the connection has met.
    socket.once('secureConnect', () => socket.write(rawRequest('GET', '/jwks', 'mtls.as.test')))
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1').startsWith('HTTP/1.1 404')))
  })
  return role.finally(() => socket.destroy())
}

async function recordedHello(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1', servername })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [hello] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  server.close()
  return hello
}

async function sendAndClose(bytes: Buffer): Promise<void> {
  const socket = connectTcp({ port: at.port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.resume()
  const closed = once(socket, 'close')
  socket.end(bytes)
  await closed
}
