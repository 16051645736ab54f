import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { createCibaPing } from '../interactive/ciba-ping.ts'
import { createPostForm } from '../interactive/post-form.ts'
import { fetchOctets } from '../revocation/fetch-octets.ts'
import { createFetchJson } from './fetch-json.ts'
import { createFetchText } from './fetch-text.ts'
import { publicAddress } from './public-address.ts'
import type { AddressFilter } from './public-address.ts'

const authority = createTestAuthority({ name: 'Web' })
const ca = authority.rootPem

/** Everything of ours that goes where somebody else's URL leads: `true` when what was wanted came of it. */
const senders: Readonly<Record<string, (mayConnect: AddressFilter) => (url: string) => Promise<boolean>>> = {
  'jwks_uri of clients, of assertion issuers and of those who sign software statements': (mayConnect) => {
    const fetchJson = createFetchJson({ mayConnect, ca })
    return async (url) => (await fetchJson(url)).ok
  },
  'request_uri and sector_identifier_uri': (mayConnect) => {
    const fetchText = createFetchText({ mayConnect, ca, accept: '*/*' })
    return async (url) => (await fetchText(url)).ok
  },
  backchannel_logout_uri: (mayConnect) => {
    const post = createPostForm({ mayConnect, ca })
    return async (url) => (await post(url, { logout_token: 'x' })) === 'delivered'
  },
  backchannel_client_notification_endpoint: (mayConnect) => {
    const ping = createCibaPing({ mayConnect, ca })
    const record = {
      kind: 'ciba',
      clientId: 'a',
      scope: [],
      audience: [],
      interval: 5,
      issuedAt: 0,
      expiresAt: 1,
    } as const
    return async (url) =>
      (await ping({ ...record, notification: { endpoint: url, token: 't', authReqId: 'r' } })) === 'delivered'
  },
  'URLs out of certificates': (mayConnect) => async (url) => {
    const { signal } = new AbortController()
    const bounds = { maximumOctets: 1000, patience: 2000, deadline: 3000 }
    return (await fetchOctets({ url, https: 'only', ca, headers: {}, mayConnect, signal, ...bounds })).ok
  },
}

/** Ways to write an address that leads inside; each has the port of a server that listens there behind it. */
const loopback = [
  '127.0.0.1',
  '127.1',
  '127.0.0.1.',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '①②⑦.⓪.⓪.①',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '0.0.0.0',
  '0',
  '[::]',
  'localhost',
  'LOCALHOST',
  'localhost.',
]
const elsewhere = [
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::169.254.169.254]',
  '[2002:a9fe:a9fe::1]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[fec0::1]',
  '[ff02::1]',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.2.1',
  '198.18.0.1',
]

const servers: Server[] = []
let port = 0
let connections = 0
let paths: string[] = []

before(async () => {
  const { keyPem: key, chainPem: cert } = authority.issueServer(['localhost', '127.0.0.1', '::1'])
  for (const address of ['127.0.0.1', '::1']) {
    const server = createServer({ key, cert }, (request, response) => {
      paths.push(request.url ?? '')
      request.resume()
      if (request.url === '/moved') response.writeHead(302, { location: `https://169.254.169.254/` })
      else if (request.url === '/moved-here') response.writeHead(307, { location: '/keys' })
      response.end('{"keys":[]}')
    })
    server.on('connection', () => connections++)
    const listening = once(server, 'listening')
    server.listen(port, address)
    // Without IPv6 the other forms are tried alone.
    const there = await Promise.race([listening.then(() => true), once(server, 'error').then(() => false)])
    if (!there) continue
    servers.push(server)
    port = (server.address() as AddressInfo).port
  }
})
after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})
beforeEach(() => {
  connections = 0
  paths = []
})

for (const [what, sender] of Object.entries(senders)) {
  describe(`SSRF: ${what}`, () => {
    test('what the operator allowed is reached, so that what follows could be', async () => {
      const send = sender(publicAddress(['127.0.0.0/8', '::1']))
      for (const host of ['localhost', '127.0.0.1', '2130706433']) {
        assert.equal(await send(`https://${host}:${port}/keys`), true, host)
      }
      assert.equal(connections, 3)
    })

    test('no spelling of the loopback interface connects', async () => {
      const send = sender(publicAddress([]))
      for (const host of loopback) assert.equal(await send(`https://${host}:${port}/keys`), false, host)
      assert.equal(connections, 0)
    })

    test('no private, link-local, mapped or special address passes the judge', async () => {
      const judge = publicAddress([])
      for (const host of elsewhere) {
        const verdicts: boolean[] = []
        const send = sender((address) => {
          verdicts.push(judge(address))
          return judge(address)
        })
        assert.equal(await send(`https://${host}/keys`), false, host)
        assert.deepEqual(verdicts, [false], host)
      }
    })

    test('no other scheme is used, and nonsense is no URL', async () => {
      const send = sender(() => true)
      for (const url of [
        `http://localhost:${port}/keys`,
        'file:///etc/passwd',
        `ftp://localhost:${port}/keys`,
        'data:application/json,{}',
        '//localhost/keys',
        'https://',
        '',
      ]) {
        assert.equal(await send(url), false, url)
      }
      assert.equal(connections, 0)
    })

    test('a redirect leads to no other host', async () => {
      const send = sender(publicAddress(['127.0.0.0/8', '::1']))
      assert.equal(await send(`https://localhost:${port}/moved`), false)
      assert.deepEqual(paths, ['/moved'])
    })

    test('a name is judged at each connection, by the address that it has then: DNS rebinding', async () => {
      let answers = 0
      const send = sender((address) => {
        assert.ok(address === '127.0.0.1' || address === '::1', address)
        return answers++ < firstAnswers
      })
      const firstAnswers = await addressesOf('localhost')
      assert.equal(await send(`https://localhost:${port}/keys`), true)
      assert.equal(await send(`https://localhost:${port}/keys`), false)
      assert.equal(paths.length, 1)
    })
  })
}

test('SSRF: a name with one hidden address among others is not connected to', async () => {
  const all = await addressesOf('localhost')
  if (all < 2) return
  for (const sender of Object.values(senders)) {
    assert.equal(await sender((address) => address === '::1')(`https://localhost:${port}/keys`), false)
    assert.equal(await sender((address) => address === '127.0.0.1')(`https://localhost:${port}/keys`), false)
  }
  assert.equal(connections, 0)
})

async function addressesOf(name: string): Promise<number> {
  const { lookup } = await import('node:dns/promises')
  return (await lookup(name, { all: true })).length
}
