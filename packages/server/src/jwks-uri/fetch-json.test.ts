import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { createFetchJson } from './fetch-json.ts'
import { publicAddress } from './public-address.ts'

const authority = createTestAuthority()

test('JSON of an https server is fetched, with the time it may be kept', async (t) => {
  const fetched = await fetchFrom(t, (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=120')
    response.end('{"keys":[]}')
  })
  assert.deepEqual(fetched, { ok: true, value: { value: { keys: [] }, maxAge: 120 } })
})

const refusals: readonly (readonly [string, RegExp, RequestListener])[] = [
  ['a redirect', /redirects are not followed/, (_, response) => void response.writeHead(302, { location: '/' }).end()],
  ['an error', /status 500/, (_, response) => void response.writeHead(500).end('{}')],
  ['a page', /not JSON/, (_, response) => void response.end('<html>')],
  ['an endless body', /longer than/, (_, response) => response.writeHead(200) && flood(response)],
  [
    'a broken connection',
    /broke off|ECONNRESET/,
    (_, response) => response.writeHead(200).write('{') && response.destroy(),
  ],
]
for (const [what, problem, listener] of refusals) {
  test(`${what} is a problem, and no exception`, async (t) => {
    const fetched = await fetchFrom(t, listener)
    assert.ok(!fetched.ok)
    assert.match(fetched.failure.problem, problem)
  })
}

test('a name that leads to a private address is refused before anything is sent', async (t) => {
  let asked = 0
  const url = await serve(t, (_request, response) => {
    asked++
    response.end('{}')
  })
  for (const target of [url, url.replace('localhost', '127.0.0.1'), url.replace('localhost', '[::ffff:7f00:1]')]) {
    const fetched = await createFetchJson({ mayConnect: publicAddress([]), ca: authority.rootPem })(target)
    assert.ok(!fetched.ok)
    assert.match(fetched.failure.problem, /not public/)
  }
  assert.equal(asked, 0)
})

test('a server whose certificate nobody vouches for is refused', async (t) => {
  const url = await serve(t, (_request, response) => void response.end('{}'))
  const fetched = await createFetchJson({ mayConnect: () => true, ca: createTestAuthority().rootPem })(url)
  assert.ok(!fetched.ok)
})

test('http and nonsense are refused', async () => {
  const fetchJson = createFetchJson({ mayConnect: () => true })
  for (const url of ['http://example.com/', 'file:///etc/passwd', 'nonsense'])
    assert.ok(!(await fetchJson(url)).ok, url)
})

test('addresses: every special network is closed, the internet is open, and the operator’s word counts', () => {
  const mayConnect = publicAddress(['10.1.2.3', 'fd00:1::/32'])
  const closed =
    '0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.31.255.255 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 ::ffff:a00:1 64:ff9b::a00:1 2002:a00:1:: fe80::1 fc00::1 ff02::1 nonsense'
  for (const address of closed.split(' ')) assert.equal(mayConnect(address), false, address)
  const open = '8.8.8.8 172.32.0.1 192.169.0.1 10.1.2.3 ::ffff:10.1.2.3 2606:4700::1 fd00:1::5'
  for (const address of open.split(' ')) assert.equal(mayConnect(address), true, address)
  assert.throws(() => publicAddress(['localhost']), TypeError)
})

async function fetchFrom(
  t: TestContext,
  listener: RequestListener,
): Promise<Awaited<ReturnType<ReturnType<typeof createFetchJson>>>> {
  const mayConnect = publicAddress(['127.0.0.0/8', '::1'])
  return createFetchJson({ mayConnect, ca: authority.rootPem })(await serve(t, listener))
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const identity = authority.issueServer(['localhost', '127.0.0.1'])
  const server = createServer({ cert: identity.chainPem, key: identity.keyPem }, listener)
  server.listen(0, 'localhost')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://localhost:${(server.address() as AddressInfo).port}/jwks`
}

function flood(response: Parameters<RequestListener>[1]): void {
  const chunk = Buffer.alloc(65_536, ' ')
  const write = (): void => {
    if (!response.destroyed) response.write(chunk, () => setImmediate(write))
  }
  write()
}
