import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { opensslAuthority, partnerAuthority, startRevocationServer } from './revocation-peers.ts'

const skip = spawnSync('openssl', ['version']).status !== 0 ? 'openssl is not on this machine' : false
const { authority, issue } = partnerAuthority()
const client = issue()
const internal = createTestAuthority({ name: 'Internal', intermediate: 'no' })
const proxy = internal.issue({ san: { dns: ['proxy.internal'] } })
const sister = internal.issue({ san: { dns: ['proxy.internal'] } })

test(
  'P6: a proxy whose certificate is revoked is no proof any more at the next request, also on its open connection',
  { skip },
  async (t) => {
    const ca = await opensslAuthority(t, internal.root)
    ca.enter(proxy, 'valid')
    const at = await startBehindProxy(t, (directory) => {
      writeFileSync(join(directory, 'internal.crl'), ca.crl())
      return { crl: ['internal.crl'] }
    })
    const connection = at.connect(proxy)
    assert.equal(await connection.ask(), 200)
    assert.equal(await connection.ask(), 200)
    ca.enter(proxy, 'revoked')
    writeFileSync(join(at.directory, 'internal.crl'), ca.crl())
    assert.equal(await connection.ask(), 400)
    assert.equal(connection.sockets(), 1, 'all over one connection')
    await at.logged(refusedFor('proxy_certificate_revoked'))
    assert.equal(await at.connect(sister).ask(), 200)
  },
)

test('a proxy about which a responder must be asked first waits for the answer', { skip }, async (t) => {
  const ca = await opensslAuthority(t, internal.root)
  ca.enter(proxy, 'valid')
  ca.enter(sister, 'revoked')
  const { url } = await ca.respond(t)
  const at = await startBehindProxy(t, () => ({ ocsp: { responder: url } }))
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => at.connect(proxy).ask())), [200, 200, 200])
  assert.equal(await at.connect(sister).ask(), 400)
  await at.logged(refusedFor('proxy_certificate_revoked'))
})

test('P7: a proxy about which nobody can tell is refused by hard, and let in by soft, which says so', async (t) => {
  const nowhere = { ocsp: { responder: 'http://127.0.0.1:1/' } }
  const hard = await startBehindProxy(t, () => nowhere)
  assert.equal(await hard.connect(proxy).ask(), 400)
  await hard.logged(refusedFor('proxy_certificate_revocation_unknown'))
  const soft = await startBehindProxy(t, () => ({ ...nowhere, mode: 'soft' }))
  assert.equal(await soft.connect(proxy).ask(), 200)
  await soft.logged(({ event }) => event === 'proxy_revocation_unknown_accepted')
})

function refusedFor(reason: string) {
  return (logged: Readonly<Record<string, unknown>>): boolean =>
    logged['event'] === 'edge_refused' && (logged['refusal'] as { readonly reason: string }).reason === reason
}

/** A server whose one listener believes the header of a proxy that the trust `internal` vouches for. */
async function startBehindProxy(t: TestContext, revocation: (directory: string) => object) {
  const settings: { value: object } = { value: {} }
  const more = {
    listeners: [
      {
        address: '127.0.0.1:0',
        hosts: ['mtls.as.test'],
        tls: { certificate: 'server.pem', key: 'server.key' },
        'client-certificate': { from: 'nginx', 'proxy-certificate': { trust: 'internal', name: 'proxy.internal' } },
      },
      { address: '127.0.0.1:0', hosts: ['as.test'], tls: { certificate: 'server.pem', key: 'server.key' } },
    ],
    hosts: { 'as.test': { role: 'main' }, 'mtls.as.test': { role: 'mtls' } },
    get trust() {
      return {
        partners: { anchors: ['partners.pem'] },
        internal: { anchors: ['internal.pem'], revocation: settings.value },
      }
    },
  }
  const started = await startRevocationServer(
    t,
    authority,
    (directory) => {
      writeFileSync(join(directory, 'internal.pem'), internal.rootPem)
      settings.value = revocation(directory)
      return {}
    },
    { more },
  )
  const header = encodeURIComponent(client.pem)
  const connect = (shown: TestCertificate) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    const sockets = new Set<unknown>()
    const ask = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          {
            host: '127.0.0.1',
            port: started.port,
            servername: 'mtls.as.test',
            ca: authority.rootPem,
            cert: shown.chainPem,
            key: shown.keyPem,
            agent,
            method: 'POST',
            path: '/token',
            headers: {
              host: 'mtls.as.test',
              'content-type': 'application/x-www-form-urlencoded',
              'x-ssl-cert': header,
            },
          },
          (incoming) => {
            incoming.resume()
            incoming.on('end', () => resolve(incoming.statusCode ?? 0))
          },
        )
        outgoing.on('socket', (socket) => sockets.add(socket))
        outgoing.on('error', reject)
        outgoing.end(new URLSearchParams({ grant_type: 'client_credentials', client_id: 'acme' }).toString())
      })
    return { ask, sockets: () => sockets.size }
  }
  return { ...started, connect }
}
