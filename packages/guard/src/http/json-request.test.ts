import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'

import { createTestAuthority } from '@holdfast/testkit'

import { createJsonRequest } from './json-request.ts'

const authority = createTestAuthority()
const { keyPem: key, chainPem: cert } = authority.issueServer(['as.localhost'])
let answer: (request: IncomingMessage, response: ServerResponse) => void
const server = createServer({ key, cert }, (request, response) => answer(request, response))
await once(server.listen(0, '127.0.0.1'), 'listening')
const url = `https://as.localhost:${(server.address() as AddressInfo).port}/jwks`
const request = createJsonRequest({ ca: authority.rootPem, certificate: undefined }, { seconds: 0.3 })

after(() => {
  server.close()
  server.closeAllConnections()
})

test('a JSON document arrives with its headers; names below localhost need no resolver (RFC 6761)', async () => {
  answer = (_request, response) => response.setHeader('cache-control', 'max-age=5').end('{"keys":[]}')
  const result = await request(url)
  assert.ok(result.ok)
  assert.deepEqual([result.value.json, result.value.headers['cache-control']], [{ keys: [] }, 'max-age=5'])
})

test('a form is posted', async () => {
  answer = (incoming, response) =>
    void text(incoming).then((body) =>
      response.end(JSON.stringify([incoming.method, incoming.headers.authorization, body])),
    )
  const result = await request(url, { fields: new URLSearchParams({ token: 'a b' }), authorization: 'Basic x' })
  assert.ok(result.ok)
  assert.deepEqual(result.value.json, ['POST', 'Basic x', 'token=a+b'])
})

const hostile: readonly [string, string, (response: ServerResponse) => void][] = [
  ['never answers', 'fetch_timeout', () => undefined],
  ['stops in the middle of its answer', 'fetch_timeout', (response) => response.write('{')],
  ['hangs up', 'fetch_failed', (response) => response.destroy()],
  [
    'hangs up in the middle of its answer',
    'fetch_failed',
    (response) => void response.write('{"a"', () => response.destroy()),
  ],
  ['sends a page', 'fetch_not_json', (response) => response.end('<!doctype html>')],
  ['sends without end', 'fetch_too_large', pour],
  [
    'sends elsewhere',
    'fetch_status',
    (response) => response.writeHead(302, { location: 'https://evil.example/' }).end(),
  ],
  ['is broken', 'fetch_status', (response) => response.writeHead(500).end()],
]
for (const [what, reason, behave] of hostile) {
  test(`an issuer that ${what}: ${reason}`, async () => {
    answer = (_request, response) => behave(response)
    const result = await request(url)
    assert.equal(!result.ok && result.failure.reason, reason)
  })
}

test('a server that nobody vouches for is not asked', async () => {
  const untrusting = createJsonRequest({ ca: undefined, certificate: undefined })
  const result = await untrusting(url)
  assert.equal(!result.ok && result.failure.reason, 'fetch_failed')
})

function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, 0x20)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
