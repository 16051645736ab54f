import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server as HttpServer } from 'node:http'
import { connect as connectHttp2, createSecureServer } from 'node:http2'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { Agent, createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import { request as httpRequest } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, suite, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

import { serve } from '@hono/node-server'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'

import { createGuard } from '../index.ts'
import type { Guard, GuardOptions } from '../index.ts'
import { expressGuard } from './express.ts'
import { fastifyGuard } from './fastify.ts'
import { guardedFetch } from './fetch.ts'
import { honoGuard } from './hono.ts'
import { guarded } from './node.ts'

const authority = createTestAuthority()
const server = authority.issueServer(['localhost'])
const holder = authority.issue({ commonName: 'holder' })
const thief = authority.issue({ commonName: 'thief' })
const asking = { key: server.keyPem, cert: server.chainPem, requestCert: true, rejectUnauthorized: false }

const issuer = 'https://as.example'
const audience = 'https://api.example'
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] }
const token = await new SignJWT({ client_id: 'acme', scope: 'read', cnf: { 'x5t#S256': holder.thumbprint } })
  .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
  .setIssuer(issuer)
  .setAudience(audience)
  .setExpirationTime('5m')
  .sign(privateKey)

const servers: (HttpServer | Http2SecureServer | Server)[] = []
after(() => {
  for (const one of servers) {
    one.close()
    if ('closeAllConnections' in one) one.closeAllConnections()
  }
})

interface Call {
  readonly path?: string
  readonly certificate?: TestCertificate | undefined
  readonly headers?: readonly string[]
}
type Ask = (call?: Call) => Promise<{ status: number; body: string; challenge: string | undefined }>

const frameworks: Record<string, () => Promise<Ask>> = {
  'node:https': async () => {
    const guard = createGuard(tls())
    const reading = guarded(guard, (_request, response, access) => response.end(`${access.token.clientId}`))
    const writing = guarded(guard.requiring('write'), (_request, response) => response.end('written'))
    return overHttps(
      createHttpsServer(asking, (request, response) =>
        (request.url === '/write' ? writing : reading)(request, response),
      ),
    )
  },
  'node:http2': async () => {
    const guard = createGuard(tls())
    type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void
    const reading: Listener = guarded(guard, (_request, response, access) => response.end(`${access.token.clientId}`))
    const writing: Listener = guarded(guard.requiring('write'), (_request, response) => response.end('written'))
    return overHttp2(
      createSecureServer(asking, (request, response) =>
        (request.url === '/write' ? writing : reading)(request, response),
      ),
    )
  },
  'Express 5': async () => {
    const guard = createGuard(tls())
    const app = express()
    app.use(expressGuard(guard))
    app.get('/', (request, response) => void response.send(guard.accessOf(request).token.clientId))
    app.get('/write', expressGuard(guard.requiring('write')), (_request, response) => void response.send('written'))
    return overHttps(createHttpsServer(asking, app as RequestListener))
  },
  'Fastify 5': async () => {
    const guard = createGuard(tls())
    const app = fastify({ https: asking })
    app.addHook('onRequest', fastifyGuard(guard))
    app.get('/', async (request) => guard.accessOf(request).token.clientId)
    app.get('/write', { onRequest: fastifyGuard(guard.requiring('write')) }, async () => 'written')
    await app.ready()
    return overHttps(app.server)
  },
  'Hono 4': async () => {
    const guard = createGuard(tls())
    const app = new Hono()
    app.use(honoGuard(guard))
    app.get('/', (context) => context.text(guard.accessOf(context.req.raw).token.clientId ?? ''))
    app.get('/write', honoGuard(guard.requiring('write')), (context) => context.text('written'))
    const started = serve({
      fetch: app.fetch,
      createServer: createHttpsServer,
      serverOptions: asking,
      port: 0,
      hostname: '127.0.0.1',
    })
    if (!started.listening) await once(started, 'listening')
    return overHttps(started as HttpServer)
  },
  'a fetch handler': async () => {
    const guard = createGuard({ ...tls(), certificate: { from: 'caller' } })
    const reading = guardedFetch(guard, (_request, access) => new Response(access.token.clientId))
    const writing = guardedFetch(guard.requiring('write'), () => new Response('written'))
    return async ({ path = '/', certificate = undefined, headers = ['Authorization', `Bearer ${token}`] } = {}) => {
      const sent = new Headers()
      for (let index = 0; index < headers.length; index += 2)
        sent.append(headers[index] ?? '', headers[index + 1] ?? '')
      const request = new Request(`https://localhost${path}`, { headers: sent })
      const answer = await (path === '/write' ? writing : reading)(request, { certificate: certificate?.der })
      return {
        status: answer.status,
        body: await answer.text(),
        challenge: answer.headers.get('www-authenticate') ?? undefined,
      }
    }
  },
}

for (const [name, start] of Object.entries(frameworks)) {
  suite(name, async () => {
    const ask = await start()

    test(`RFC8705-M13 ${name}: 200 for the holder, 401 for the thief and for nobody`, async () => {
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual(await ask({ certificate: holder }), { status: 200, body: 'acme', challenge: undefined })
        const stolen = await ask({ certificate: thief })
        assert.equal(stolen.status, 401)
        assert.match(stolen.challenge ?? '', /^Bearer error="invalid_token"/)
        assert.match(stolen.body, /"error":"invalid_token"/)
        assert.equal((await ask({ certificate: undefined })).status, 401)
      }
    })

    test(`${name}: a certificate in a header changes nothing`, async () => {
      const forged = [
        ...['Client-Cert', `:${Buffer.from(holder.der).toString('base64')}:`],
        ...['X-SSL-CERT', encodeURIComponent(holder.pem)],
        ...['Authorization', `Bearer ${token}`],
      ]
      assert.equal((await ask({ certificate: thief, headers: forged })).status, 401)
      assert.equal((await ask({ certificate: undefined, headers: forged })).status, 401)
    })

    test(`${name}: no token, scope too small, two tokens`, async () => {
      const none = await ask({ certificate: holder, headers: [] })
      assert.deepEqual([none.status, none.challenge], [401, 'Bearer'])
      assert.equal((await ask({ certificate: holder, path: `/?access_token=${token}`, headers: [] })).status, 401)
      const small = await ask({ certificate: holder, path: '/write' })
      assert.equal(small.status, 403)
      assert.match(small.challenge ?? '', /error="insufficient_scope".*scope="write"/)
      // Node's HTTP/2 client cannot send two; authorization-header.test.ts shows that they would be seen.
      if (name === 'node:http2') return
      const line = ['Authorization', `Bearer ${token}`]
      assert.equal((await ask({ certificate: holder, headers: [...line, ...line] })).status, 400)
    })
  })
}

suite('a header of the proxy', () => {
  const secret = 'a-secret-of-the-proxy-32-characters-long'
  const nginx = (certificate: TestCertificate): string[] => ['X-SSL-CERT', encodeURIComponent(certificate.pem)]
  const bearer = ['Authorization', `Bearer ${token}`]
  const proven = ['X-Proxy-Secret', secret]

  test('over TCP counts only with the secret, once, and under its very name', async () => {
    const proof = { secretHeader: 'X-Proxy-Secret', secrets: ['the-one-before-the-rotation-32-chars', secret] }
    const ask = await overHttp(serving({ from: 'nginx', proof }))
    assert.equal((await ask([...bearer, ...nginx(holder), ...proven])).status, 200)
    const refusals: readonly [string, string[], number][] = [
      ['no secret', [...bearer, ...nginx(holder)], 400],
      ['a wrong secret', [...bearer, ...nginx(holder), 'X-Proxy-Secret', `${secret}x`], 400],
      ['two headers', [...bearer, ...nginx(holder), ...nginx(thief), ...proven], 400],
      ['a look-alike', [...bearer, ...nginx(holder), 'X_SSL_CERT', 'x', ...proven], 400],
      ['nonsense', [...bearer, 'X-SSL-CERT', '%%%', ...proven], 400],
      ['the thief', [...bearer, ...nginx(thief), ...proven], 401],
      ['none', [...bearer, ...proven], 401],
      ['the word for none', [...bearer, 'X-SSL-CERT', '', ...proven], 401],
      [
        'another preset’s header',
        [...bearer, 'Client-Cert', `:${Buffer.from(holder.der).toString('base64')}:`, ...proven],
        400,
      ],
    ]
    for (const [what, headers, status] of refusals) assert.equal((await ask(headers)).status, status, what)
  })

  test('with proof unix-socket it counts on a Unix socket and not over TCP', async (t) => {
    const certificate = { from: 'nginx', proof: 'unix-socket' } as const
    const overTcp = await overHttp(serving(certificate))
    assert.equal((await overTcp([...bearer, ...nginx(holder)])).status, 400)
    const path = join(await temporaryDirectory(t), 'api.sock')
    const overUnix = await overHttp(serving(certificate), path)
    assert.equal((await overUnix([...bearer, ...nginx(holder)])).status, 200)
    assert.equal((await overUnix([...bearer, ...nginx(thief)])).status, 401)
  })

  test('a fetch handler reads it too, with the secret', async () => {
    const proof = { secretHeader: 'x-proxy-secret', secrets: [secret] }
    const handler = guardedFetch(
      createGuard({ ...tls(), certificate: { from: 'rfc9440', proof } }),
      () => new Response('in'),
    )
    const clientCert = ['client-cert', `:${Buffer.from(holder.der).toString('base64')}:`]
    const ask = async (...lines: string[]): Promise<number> => {
      const headers = new Headers()
      for (let index = 0; index < lines.length; index += 2) headers.append(lines[index] ?? '', lines[index + 1] ?? '')
      return (await handler(new Request('https://localhost/', { headers }))).status
    }
    assert.equal(await ask(...bearer, ...clientCert, ...proven), 200)
    assert.equal(await ask(...bearer, ...clientCert), 400)
    assert.equal(await ask(...bearer, ...clientCert, ...clientCert, ...proven), 400)
    assert.equal(await ask(...bearer, ...bearer, ...clientCert, ...proven), 400)
  })

  function serving(certificate: GuardOptions['certificate']) {
    return guarded(createGuard({ ...tls(), certificate }), (_request: IncomingMessage, response) => response.end('in'))
  }
})

test('RFC8705-M13 a resumed connection is judged by the certificate of its first handshake', async () => {
  const guard = createGuard(tls())
  const listening = createHttpsServer(
    asking,
    guarded(guard, (_request, response) => response.end('in')),
  )
  const port = await listen(listening)
  const options = {
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: authority.rootPem,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
  } as const
  const first = connectTls({ ...options, key: holder.keyPem, cert: holder.chainPem })
  const [session] = (await once(first, 'session')) as [Buffer]
  first.destroy()
  const resumed = connectTls({ ...options, session })
  await once(resumed, 'secureConnect')
  assert.equal(resumed.isSessionReused(), true)
  resumed.write(`GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`)
  const answer = await text(resumed)
  assert.match(answer, /^HTTP\/1\.1 200 /)
})

suite('a refusal that comes when somebody else has answered', () => {
  const late = (): { guard: Guard; decide: () => void } => {
    const guard = createGuard(tls())
    const { promise: moment, resolve: decide } = Promise.withResolvers<void>()
    const check: Guard['check'] = async (facts) => {
      await moment
      return guard.check(facts)
    }
    return { guard: { ...guard, check }, decide }
  }
  const answeredMeanwhile = async (listener: RequestListener, decide: () => void): Promise<void> => {
    const ask = await overHttp((request, response) => {
      listener(request, response)
      response.writeHead(503).end('too slow')
    })
    const { status, body } = await ask(['Authorization', 'Bearer x'])
    assert.deepEqual([status, body], [503, 'too slow'])
    decide()
    await setImmediate()
  }

  test('is left unsaid by the listener, which throws nothing into the void', async () => {
    const { guard, decide } = late()
    const listener = guarded(guard, (_request: IncomingMessage, response) => response.end('in'))
    await answeredMeanwhile(listener, decide)
  })

  test('is left unsaid by the middleware, which neither throws nor goes on', async () => {
    const { guard, decide } = late()
    const gone: unknown[] = []
    const middleware = expressGuard(guard)
    await answeredMeanwhile((request, response) => {
      middleware(request, response, (error) => gone.push(error))
    }, decide)
    assert.deepEqual(gone, [])
  })
})

function tls(): GuardOptions {
  return { issuer, audience, keys: { jwks }, certificate: { from: 'tls' } }
}

async function listen(server: HttpServer | Http2SecureServer, path?: string): Promise<number> {
  servers.push(server)
  if (!server.listening)
    await once(path === undefined ? server.listen(0, '127.0.0.1') : server.listen(path), 'listening')
  return (server.address() as AddressInfo).port
}

async function overHttps(server: HttpServer): Promise<Ask> {
  const port = await listen(server)
  return async ({ path = '/', certificate = undefined, headers = ['Authorization', `Bearer ${token}`] } = {}) => {
    const agent = new Agent({
      ca: authority.rootPem,
      ...(certificate && { key: certificate.keyPem, cert: certificate.chainPem }),
    })
    const sent = httpsRequest({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      path,
      agent,
      headers: ['Host', 'localhost', ...headers],
    }).end()
    return answered(((await once(sent, 'response')) as [IncomingMessage])[0])
  }
}

async function overHttp(
  listener: RequestListener,
  socketPath?: string,
): Promise<(headers: string[]) => ReturnType<Ask>> {
  const port = await listen(createHttpServer(listener), socketPath)
  return async (headers) => {
    const where = socketPath === undefined ? { port, host: '127.0.0.1' } : { socketPath }
    const sent = httpRequest({ ...where, headers: ['Host', 'localhost', ...headers] }).end()
    return answered(((await once(sent, 'response')) as [IncomingMessage])[0])
  }
}

async function answered(answer: IncomingMessage): ReturnType<Ask> {
  return { status: answer.statusCode ?? 0, body: await text(answer), challenge: answer.headers['www-authenticate'] }
}

async function overHttp2(server: Http2SecureServer): Promise<Ask> {
  const port = await listen(server)
  return async ({ path = '/', certificate = undefined, headers = ['Authorization', `Bearer ${token}`] } = {}) => {
    const identity = certificate && { key: certificate.keyPem, cert: certificate.chainPem }
    const session = connectHttp2(`https://localhost:${port}`, { ca: authority.rootPem, host: '127.0.0.1', ...identity })
    const lines = [
      ':method',
      'GET',
      ':path',
      path,
      ...headers.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text)),
    ]
    const stream = session.request(lines)
    stream.end()
    const [head] = (await once(stream, 'response')) as [Record<string, string | number>]
    const body = await text(stream)
    session.destroy()
    return { status: Number(head[':status']), body, challenge: head['www-authenticate'] as string | undefined }
  }
}
