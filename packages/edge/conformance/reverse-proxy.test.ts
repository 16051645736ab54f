import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import test from 'node:test'
import type { TLSSocket } from 'node:tls'
import { certificateHeaderReader } from '../src/header/certificate-header-reader.ts'
import { certificateHeaderSettings } from '../src/certificate-header-settings.ts'
import { clientTls, exchange1, get, http1, http2, makeNames, open, openHttp2, until } from './edge-under-test.ts'
import type { Answer } from './edge-under-test.ts'
import { startProxy, startUpstream } from './upstream-under-test.ts'
import type { Answering, Asked, ProxyUnderTest } from './upstream-under-test.ts'

const names = makeNames()
const both = [names.login, names.mtls]
const secret = 'between-edge-and-application-only-01'

const asked = ({ status, text }: Answer): Asked => {
  assert.equal(status, 200, text)
  return JSON.parse(text.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, '')) as Asked
}

const onMtls = ({ port }: ProxyUnderTest) => ({ port, tls: clientTls(names, 'mtls.login.test', names.client) })
const onLogin = ({ port }: ProxyUnderTest) => ({ port, tls: clientTls(names, 'login.test', names.client) })

test('the certificate of the handshake arrives behind as RFC 9440 headers, on the mtls name only', async (t) => {
  const upstream = await startUpstream(t)
  const proxy = await startProxy(t, both, upstream.options)
  const reader = certificateHeaderReader(certificateHeaderSettings({ from: 'rfc9440' }, ''))
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const target = onMtls(proxy)
    const { headers } = asked(
      await http1({ ...target, tls: { ...target.tls, maxVersion: version } }, get('mtls.login.test')),
    )
    const read = reader.read({
      certificate: headers['client-cert']?.[0],
      chain: headers['client-cert-chain']?.[0],
      verdict: undefined,
    })
    assert.ok(read.ok)
    assert.equal(read.value.certificate?.thumbprint, names.client.thumbprint)
    assert.equal(read.value.certificate?.chain.length, 1)
    assert.deepEqual(
      [headers['x-forwarded-proto'], headers['x-forwarded-host'], headers['x-forwarded-for']],
      [['https'], ['mtls.login.test'], ['127.0.0.1']],
    )
    assert.deepEqual(headers['host'], ['mtls.login.test'])
  }
  const without = asked(
    await http1({ port: proxy.port, tls: clientTls(names, 'mtls.login.test') }, get('mtls.login.test')),
  )
  assert.equal(without.headers['client-cert'], undefined)
  const main = asked(await http1(onLogin(proxy), get('login.test')))
  assert.equal(main.headers['client-cert'], undefined)
  const session = await openHttp2(t, onMtls(proxy))
  const overHttp2 = asked(
    await http2(session, { ':authority': 'mtls.login.test', ':path': '/x?y=1', cookie: ['a=1', 'b=2'] }),
  )
  assert.deepEqual(
    [overHttp2.url, overHttp2.headers['cookie'], overHttp2.headers['host']],
    ['/x?y=1', ['a=1; b=2'], ['mtls.login.test']],
  )
  assert.ok(overHttp2.headers['client-cert'])
  assert.equal((await http1(onLogin(proxy), get('mtls.login.test'))).status, 421)
  assert.equal((await http1(onMtls(proxy), get('login.test'))).status, 421)
})

test('in the format of nginx the certificate is escaped PEM with a verdict that claims nothing', async (t) => {
  const upstream = await startUpstream(t)
  const proxy = await startProxy(t, both, upstream.options, {}, { certificateHeader: 'nginx' })
  const reader = certificateHeaderReader(certificateHeaderSettings({ from: 'nginx', verdict: 'required' }, ''))
  for (const [tls, thumbprint] of [
    [clientTls(names, 'mtls.login.test', names.client), names.client.thumbprint],
    [clientTls(names, 'mtls.login.test'), undefined],
  ] as const) {
    const { headers } = asked(await http1({ port: proxy.port, tls }, get('mtls.login.test')))
    const read = reader.read({
      certificate: headers['x-ssl-cert']?.[0],
      chain: undefined,
      verdict: headers['x-ssl-verify']?.[0],
    })
    assert.ok(read.ok, JSON.stringify(read))
    assert.equal(read.value.certificate?.thumbprint, thumbprint)
  }
})

const forged = [
  'Client-Cert: :AAAA:',
  'client_cert: :AAAA:',
  'CLIENT-CERT-CHAIN: :AAAA:',
  'X-SSL-CERT: forged',
  'X_SSL_CERT: forged',
  'X-SSL-Client-S-DN: forged',
  'SSL_CLIENT_CERT: forged',
  'X-Client-Cert: forged',
  'X-Client-Certificate: forged',
  'X-Forwarded-Client-Cert: forged',
  'X-Forwarded-Tls-Client-Cert: forged',
  'X-ARR-ClientCert: forged',
  'MS-ASPNETCORE-CLIENTCERT: forged',
  'X-Amzn-Mtls-Clientcert-Leaf: forged',
  'Cf-Client-Cert-Der-Base64: forged',
  'X-Mtls-Thumbprint: forged',
  'Forwarded: for=6.6.6.6',
  'X-Forwarded-For: 6.6.6.6',
  'X_Forwarded_For: 6.6.6.6',
  'X-Forwarded-Host: evil.test',
  'X-Forwarded-Proto: http',
  'X-Real-IP: 6.6.6.6',
  'X-Edge-Secret: forged',
  'x_edge_secret: forged',
]

test('no header of a stranger by which he could be somebody else gets through, on any host or protocol', async (t) => {
  const upstream = await startUpstream(t)
  const withSecret = { ...upstream.options, secret: { header: 'X-Edge-Secret', value: secret } }
  const proxy = await startProxy(t, both, withSecret)
  const session = await openHttp2(t, onLogin(proxy))
  for (const line of forged) {
    const [name = '', value = ''] = line.split(': ')
    for (const [target, host] of [
      [onMtls(proxy), 'mtls.login.test'],
      [onLogin(proxy), 'login.test'],
    ] as const) {
      const { headers } = asked(await http1(target, get(host, [line, line])))
      assertClean(headers, value)
    }
    assertClean(asked(await http2(session, { ':authority': 'login.test', [name.toLowerCase()]: value })).headers, value)
  }
  const told = proxy.events.filter(({ event }) => event === 'headers_stripped')
  assert.equal(told.length, forged.length * 3)

  function assertClean(headers: Asked['headers'], value: string): void {
    assert.deepEqual(headers['x-edge-secret'], [secret])
    assert.deepEqual(headers['x-forwarded-for'], ['127.0.0.1'])
    assert.deepEqual(headers['x-forwarded-proto'], ['https'])
    assert.ok(!Object.values(headers).flat().includes(value), JSON.stringify(headers))
  }
})

test('a client can make none of our headers vanish by Connection, and headers of a connection stay there', async (t) => {
  const upstream = await startUpstream(t)
  const proxy = await startProxy(t, both, { ...upstream.options, secret: { header: 'X-Edge-Secret', value: secret } })
  const { headers, length } = asked(
    await http1(
      onMtls(proxy),
      [
        'POST / HTTP/1.1',
        'Host: mtls.login.test',
        'Connection: close, Client-Cert, X-Edge-Secret, X-Forwarded-For, Host, Content-Length, X-Mine',
        'Content-Length: 5',
        'X-Mine: 1',
        'X-Other: 2',
        'Keep-Alive: timeout=1',
        'TE: trailers',
        'Proxy-Authorization: Basic eA==',
        'Upgrade: h2c',
        'HTTP2-Settings: AAAA',
        '',
        'hello',
      ].join('\r\n'),
    ),
  )
  assert.equal(length, 5)
  assert.ok(headers['client-cert'])
  assert.deepEqual(
    [headers['x-edge-secret'], headers['x-forwarded-for'], headers['host'], headers['x-other']],
    [[secret], ['127.0.0.1'], ['mtls.login.test'], ['2']],
  )
  for (const name of ['x-mine', 'te', 'proxy-authorization', 'upgrade', 'http2-settings'])
    assert.equal(headers[name], undefined, name)
  assert.equal(headers['connection'], undefined, 'kept open, as HTTP/1.1 does by itself')
})

test('TRACE would show the secret, and a target that HTTP/1.1 cannot say could split a request: neither goes on', async (t) => {
  const upstream = await startUpstream(t)
  const proxy = await startProxy(t, both, upstream.options)
  assert.equal((await http1(onMtls(proxy), get('mtls.login.test').replace('GET', 'TRACE'))).status, 405)
  const session = await openHttp2(t, onMtls(proxy))
  for (const [path, status] of [
    ['/a b', 400],
    ['/a HTTP/1.1\r\nX: y', 400],
    ['/ok', 200],
  ] as const) {
    const answer = await http2(session, { ':authority': 'mtls.login.test', ':path': path }).catch(() => ({
      status: 400,
    }))
    assert.ok(answer.status === status || (status === 400 && answer.status === 0), `${path} ${answer.status}`)
  }
  assert.equal(upstream.asked.length, 1)
})

test('large bodies go both ways unchanged, framed or chunked, over HTTP/1.1 and HTTP/2', async (t) => {
  const upstream = await startUpstream(t, {
    '/back': (request, response) => void request.pipe(response),
  })
  const proxy = await startProxy(t, both, upstream.options)
  const body = randomBytes(8 * 1024 * 1024)
  const sha256 = createHash('sha256').update(body).digest('hex')

  const socket = await open(onMtls(proxy))
  const head = `POST / HTTP/1.1\r\nHost: mtls.login.test\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`
  socket.write(head)
  socket.write(body)
  const received = asked(await exchange1(socket, ''))
  assert.deepEqual(
    [received.length, received.sha256, received.headers['content-length']],
    [body.length, sha256, [String(body.length)]],
  )

  const { request } = await import('node:https')
  const chunked = request({
    host: '127.0.0.1',
    port: proxy.port,
    method: 'POST',
    path: '/back',
    headers: { host: 'mtls.login.test' },
    agent: false,
    ...clientTls(names, 'mtls.login.test', names.client),
  })
  chunked.end(body)
  const [answer] = (await once(chunked, 'response')) as [NodeJS.ReadableStream]
  assert.equal(await hashOf(answer), sha256)

  const session = await openHttp2(t, onMtls(proxy))
  const stream = session.request({ ':method': 'POST', ':authority': 'mtls.login.test', ':path': '/back' })
  stream.end(body)
  assert.equal(await hashOf(stream), sha256)
})

test('many answers at once, in pieces of all sizes, arrive as they were written, in the clear behind and over TLS', async (t) => {
  const said = (url = ''): Buffer => createHash('shake256', { outputLength: 200_000 }).update(url).digest()
  const inPieces: Answering = (request, response) => {
    const whole = said(request.url)
    const size = Number(request.url?.split('=')[1])
    let at = 0
    const more = (): void => {
      response.write(whole.subarray(at, (at += size)))
      if (at < whole.length) setImmediate(more)
      else response.end()
    }
    more()
  }
  const { certificate: cert, key } = names.login
  for (const behind of [{}, { tls: { cert, key } }]) {
    const { options } = await startUpstream(t, { '/pieces': inPieces }, behind)
    const tls = { serverName: 'login.test', ca: names.authority.rootPem }
    const proxy = await startProxy(t, both, 'tls' in behind ? { ...options, tls } : options)
    const session = await openHttp2(t, onMtls(proxy))
    const asking = [1_000, 8_191, 8_192, 8_193, 30_000, 65_536, 200_000].map(async (size) => {
      const path = `/pieces?size=${size}`
      const stream = session.request({ ':authority': 'mtls.login.test', ':path': path })
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      assert.ok(Buffer.concat(chunks).equals(said(path)), `pieces of ${size}`)
    })
    await Promise.all(asking)
    assert.deepEqual(proxy.failures(), [])
  }
})

test('a slow reader slows the application down instead of filling the memory', async (t) => {
  let written = 0
  const upstream = await startUpstream(t, {
    '/endless': (_, response) => {
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        while (written < 512 * 1024 * 1024) {
          written += chunk.length
          if (!response.write(chunk)) return void response.once('drain', more)
        }
      }
      more()
    },
  })
  const proxy = await startProxy(t, both, upstream.options)
  const session = await openHttp2(t, onMtls(proxy))
  const stream = session.request({ ':authority': 'mtls.login.test', ':path': '/endless' })
  await once(stream, 'response')
  const socket = await open(onMtls(proxy))
  socket.write(get('mtls.login.test', [], '/endless'))
  await settled(() => written)
  assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken though nobody read`)
  stream.close()
  socket.destroy()
})

test('a slow application slows the client down instead of filling the memory', async (t) => {
  const upstream = await startUpstream(t, { '/deaf': (request) => void request.pause() })
  const proxy = await startProxy(t, both, upstream.options)
  const socket = await open(onMtls(proxy))
  socket.write('POST /deaf HTTP/1.1\r\nHost: mtls.login.test\r\nContent-Length: 1000000000\r\n\r\n')
  const chunk = Buffer.alloc(65_536)
  let sent = 0
  const more = (): void => {
    while (sent < 512 * 1024 * 1024) {
      sent += chunk.length
      if (!socket.write(chunk)) return void socket.once('drain', more)
    }
  }
  socket.on('error', () => undefined)
  more()
  await settled(() => sent)
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken though nobody read`)
  socket.destroy()
})

test('answers come through as they are: HEAD, 204, 304, several cookies, redirects, and no header of a connection', async (t) => {
  const upstream = await startUpstream(t, {
    '/empty': (_, response) => void response.writeHead(204).end(),
    '/same': (_, response) => void response.writeHead(304, { etag: '"x"' }).end(),
    '/cookies': (_, response) =>
      void response
        .writeHead(302, {
          'set-cookie': ['a=1', 'b=2'],
          location: '/x',
          'keep-alive': 'timeout=1',
          connection: 'X-Secretly',
          'x-secretly': '1',
        })
        .end(),
    '/head': (_, response) => void response.writeHead(200, { 'content-length': 1234 }).end(),
  })
  const proxy = await startProxy(t, both, upstream.options)
  const session = await openHttp2(t, onMtls(proxy))
  assert.equal((await http1(onMtls(proxy), get('mtls.login.test', [], '/empty'))).status, 204)
  assert.match((await http1(onMtls(proxy), get('mtls.login.test', [], '/same'))).head, /^HTTP\/1.1 304[^]*etag: "x"/i)
  const cookies = await http1(onMtls(proxy), get('mtls.login.test', [], '/cookies'))
  assert.match(cookies.head, /^HTTP\/1.1 302[^]*set-cookie: a=1\r\nset-cookie: b=2/i)
  assert.doesNotMatch(cookies.head, /x-secretly|keep-alive/i)
  const head = await http1(onMtls(proxy), get('mtls.login.test', [], '/head').replace('GET', 'HEAD'))
  assert.match(head.head, /content-length: 1234/i)
  for (const [path, status] of [
    ['/empty', 204],
    ['/same', 304],
    ['/cookies', 302],
  ] as const) {
    assert.equal((await http2(session, { ':authority': 'mtls.login.test', ':path': path })).status, status)
  }
  assert.equal(
    (await http2(session, { ':method': 'HEAD', ':authority': 'mtls.login.test', ':path': '/head' })).status,
    200,
  )
})

test('TLS behind: the application’s certificate is checked, and it may ask for ours', async (t) => {
  const server = names.authority.issueServer(['app.internal'])
  const own = names.authority.issue({ commonName: 'edge' })
  const tls = {
    cert: server.chainPem,
    key: server.keyPem,
    ca: names.authority.rootPem,
    requestCert: true,
    rejectUnauthorized: true,
  }
  const upstream = await startUpstream(t, {}, { tls })
  const identity = { certificate: own.chainPem, key: own.keyPem }
  for (const [towards, status] of [
    [{ serverName: 'app.internal', ca: names.authority.rootPem, identity }, 200],
    [{ serverName: 'other.internal', ca: names.authority.rootPem, identity }, 502],
    [{ serverName: 'app.internal', identity }, 502],
    [{ serverName: 'app.internal', ca: names.authority.rootPem }, 502],
  ] as const) {
    const proxy = await startProxy(t, both, { ...upstream.options, tls: towards })
    assert.equal((await http1(onMtls(proxy), get('mtls.login.test'))).status, status)
  }
})

test('a certificate is replaced while connections go on, and a close lets the running request end', async (t) => {
  const held: (() => void)[] = []
  const upstream = await startUpstream(t, { '/held': (_, response) => void held.push(() => response.end('whole')) })
  const proxy = await startProxy(t, both, upstream.options)
  const running = http1(onMtls(proxy), get('mtls.login.test', [], '/held'))
  await until(() => held.length === 1)
  const next = names.authority.issueServer(['mtls.login.test'])
  proxy.proxy.replaceCertificate('public', 'mtls.login.test', { certificate: next.chainPem, key: next.keyPem })
  const socket = await open(onMtls(proxy))
  const { fingerprint256 } = (socket as TLSSocket).getPeerCertificate()
  assert.equal(Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'), next.thumbprint)
  socket.destroy()
  const closing = proxy.proxy.close()
  held[0]?.()
  assert.match((await running).text, /whole/)
  await closing
})

async function hashOf(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

/** Waits until a count has stood still for a while. */
async function settled(count: () => number): Promise<void> {
  let before = -1
  let still = 0
  while (still < 10) {
    still = count() === before && before > 0 ? still + 1 : 0
    before = count()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
