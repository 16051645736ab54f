import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import { databases, openDatabase } from './databases.ts'
import { killServer, spawnServer } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'
import { sendRequest, writeTestConfiguration } from './test-server.ts'
import type { TestAnswer } from './test-server.ts'

const rounds = process.env['HOLDFAST_LONG'] === '1' ? 200 : 4

/** What the client was told, and so may rely on. */
type Fate = 'issued' | 'revoking' | 'revoked'

for (const database of databases) {
  test(`${database}: ${rounds} times kill -9 under load: no answered opaque token is lost, none is accepted that was revoked`, async (t) => {
    const directory = await temporaryDirectory(t)
    const at = await openDatabase(t, database, { fsync: 'on' })
    if (at === undefined) return
    const authority = createTestAuthority()
    const { file } = writeTestConfiguration(directory, authority, {
      clients: [
        {
          client_id: 'acme',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'acme.example',
          tls_client_certificate_bound_access_tokens: true,
          access_token_format: 'opaque',
          access_token_lifetime: '1h',
          grant_types: ['client_credentials'],
        },
      ],
      more: { tokens: { 'access-token-format': 'opaque' }, store: at.store },
    })
    const certificate = authority.issue({ san: { dns: ['acme.example'] } })
    let server: ServerProcess | undefined
    t.after(async () => {
      if (server !== undefined) await killServer(server)
    })

    // Killed processes leave no compiled code behind: one that ends in peace does, and each start after it is shorter.
    const environment = { NODE_COMPILE_CACHE: join(directory, 'compiled') }
    const first = await spawnServer(file, environment)
    first.child.kill('SIGTERM')
    await once(first.child, 'exit')

    const journal = new Map<string, Fate>()
    let issued = 0
    let revoked = 0
    for (let round = 0; round < rounds; round++) {
      server = await spawnServer(file, environment)
      const { port } = server
      const agent = new Agent({
        keepAlive: true,
        ca: authority.rootPem,
        cert: certificate.chainPem,
        key: certificate.keyPem,
      })
      const post = (path: string, form: Readonly<Record<string, string>>): Promise<TestAnswer> =>
        sendRequest(port, authority.rootPem, {
          method: 'POST',
          path,
          host: 'mtls.as.test',
          agent,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ client_id: 'acme', ...form }).toString(),
        })

      await checkJournal(journal, async (token) => (await post('/introspect', { token })).json['active'] === true)

      let stop = false
      let answered = 0
      const enough = shortest + Math.floor(Math.random() * (longest - shortest))
      const running = server
      const load = Array.from({ length: connections }, async () => {
        while (!stop) {
          const answer = await post('/token', { grant_type: 'client_credentials' })
          assert.equal(answer.status, 200, answer.text)
          const token = String(answer.json['access_token'])
          journal.set(token, 'issued')
          issued++
          if (++answered === enough) running.child.kill('SIGKILL')
          if (journal.size % 3 !== 0) continue
          journal.set(token, 'revoking')
          const revocation = await post('/revoke', { token })
          assert.equal(revocation.status, 200)
          journal.set(token, 'revoked')
          revoked++
        }
      }).map((work) =>
        // A connection that breaks off is what the test is about; anything else is a failure.
        work.catch((error: unknown) => {
          if (error instanceof assert.AssertionError) throw error
        }),
      )
      await once(running.child, 'exit')
      stop = true
      await Promise.all(load)
      agent.destroy()
    }
    assert.ok(issued > rounds * 10, `only ${issued} tokens were issued`)
    assert.ok(revoked > rounds, `only ${revoked} tokens were revoked`)
    t.diagnostic(`${issued} tokens answered, ${revoked} revocations answered, ${rounds} kills`)
  })
}

/** Holds what the new process says against what was answered before; forgets what was checked often enough. */
async function checkJournal(journal: Map<string, Fate>, isActive: (token: string) => Promise<boolean>): Promise<void> {
  const entries = [...journal].slice(-checkedPerRound)
  for (let at = 0; at < entries.length; at += connections) {
    await Promise.all(
      entries.slice(at, at + connections).map(async ([token, fate]) => {
        const active = await isActive(token)
        if (fate === 'issued') assert.equal(active, true, 'a token that was answered is lost')
        if (fate === 'revoked') assert.equal(active, false, 'a token that was revoked is accepted')
        // Never answered: either is right, but it must stay what it is.
        if (fate === 'revoking') journal.set(token, active ? 'issued' : 'revoked')
      }),
    )
  }
}

const connections = 16

/** How many tokens are answered before the kill. */
const shortest = 20
const longest = 400

/** The whole last round, and as much of those before as keeps a round short. */
const checkedPerRound = 600
