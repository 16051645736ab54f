import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ConfigurationError } from '@holdfast/server'
import { openExplainer } from '@holdfast/server/operate'
import type { PresentedCertificate } from '@holdfast/core'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { crlDistributionPointsExtension } from '@holdfast/x509/issue'
import { opensslAuthority, partnerAuthority, startCrlServer, startRevocationServer } from './revocation-peers.ts'
import type { OpensslAuthority } from './revocation-peers.ts'
import { load } from './test-server.ts'

const skip = spawnSync('openssl', ['version']).status !== 0 ? 'openssl is not on this machine' : false
const { authority, issue } = partnerAuthority()
const good = issue()
const leaked = issue()

async function books(t: TestContext): Promise<OpensslAuthority> {
  const made = await opensslAuthority(t, authority.root)
  made.enter(good, 'valid')
  made.enter(leaked, 'revoked')
  return made
}

test(
  'CVE-2026-28755: a certificate on the CRL of openssl ca is refused, its sister gets a token',
  { skip },
  async (t) => {
    const ca = await books(t)
    for (const form of ['PEM', 'DER'] as const) {
      const crl = ca.crl({ form })
      const { token } = await startRevocationServer(t, authority, (directory) => {
        writeFileSync(join(directory, 'partners.crl'), crl)
        return { crl: ['partners.crl'], 'when-unknown': 'refuse' }
      })
      assert.equal((await token(good)).status, 200)
      const refused = await token(leaked)
      assert.equal(refused.status, 401)
      assert.equal(refused.json['error'], 'invalid_client')
      assert.equal(refused.reason, 'certificate_revoked')
    }
  },
)

test(
  'P6: a CRL that is published while a connection stays open counts at its next request, and ends what was issued',
  { skip },
  async (t) => {
    const ca = await opensslAuthority(t, authority.root)
    ca.enter(good, 'valid')
    const { token, introspect, directory } = await startRevocationServer(t, authority, (folder) => {
      writeFileSync(join(folder, 'partners.crl'), ca.crl())
      return { crl: ['partners.crl'] }
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    const sockets = new Set<unknown>()
    agent.on('free', (socket) => sockets.add(socket))
    const first = await token(good, { agent })
    assert.equal(first.status, 200)
    assert.equal(await introspect(first.json['access_token']), true)
    ca.enter(good, 'revoked')
    writeFileSync(join(directory, 'partners.crl'), ca.crl())
    const second = await token(good, { agent })
    assert.equal(second.status, 401)
    assert.equal(second.reason, 'certificate_revoked')
    assert.equal(await introspect(first.json['access_token']), false)
    assert.equal(sockets.size, 1, 'both requests went over one connection')
  },
)

test(
  'RFC8705-M7 the whole path is asked about: a revoked intermediate ends every leaf below it',
  { skip },
  async (t) => {
    const deep = createTestAuthority({ name: 'Deep' })
    const leaf = deep.issue({ san: { dns: ['acme.example'] } })
    const [root, issuing] = [await opensslAuthority(t, deep.root), await opensslAuthority(t, deep.issuing)]
    const { token, directory } = await startRevocationServer(t, deep, (folder) => {
      writeFileSync(join(folder, 'root.crl'), root.crl())
      writeFileSync(join(folder, 'issuing.crl'), issuing.crl())
      return { crl: ['root.crl', 'issuing.crl'] }
    })
    assert.equal((await token(leaf)).status, 200)
    root.enter(deep.issuing, 'revoked')
    writeFileSync(join(directory, 'root.crl'), root.crl())
    assert.equal((await token(leaf)).reason, 'certificate_revoked')
  },
)

test(
  'P7: a path of which only a part is covered is unknown: hard refuses it, soft accepts, logs and counts it',
  { skip },
  async (t) => {
    const deep = createTestAuthority({ name: 'Deep' })
    const leaf = deep.issue({ san: { dns: ['acme.example'] } })
    const issuing = await opensslAuthority(t, deep.issuing)
    const start = (mode: string) =>
      startRevocationServer(
        t,
        deep,
        (folder) => {
          writeFileSync(join(folder, 'issuing.crl'), issuing.crl())
          return { mode, crl: ['issuing.crl'] }
        },
        { more: { management: { address: '127.0.0.1:0' } } },
      )
    const hard = await start('hard')
    assert.equal((await hard.token(leaf)).reason, 'revocation_unknown')
    const soft = await start('soft')
    assert.equal((await soft.token(leaf)).status, 200)
    assert.equal((await soft.token(leaf)).status, 200)
    const events = await soft.logged(({ event }) => event === 'unknown_revocation_accepted')
    assert.equal(events.find(({ event }) => event === 'unknown_revocation_accepted')?.['level'], 'warn')
    const metrics = await (await fetch(`http://${soft.server.management ?? ''}/metrics`)).text()
    assert.match(metrics, /holdfast_unknown_revocation_accepted_total\{trust="partners"\} 2/)
    assert.match(metrics, /holdfast_expiry_timestamp_seconds\{kind="crl",name="[^"]*issuing.crl"\} [0-9]+/)
  },
)

test('CVE-2026-27586: a CRL file that cannot be used is a problem at start, in every mode', { skip }, async (t) => {
  const ca = await books(t)
  const broken: readonly (readonly [string, Buffer | undefined, RegExp])[] = [
    ['missing', undefined, /ENOENT/],
    ['empty', Buffer.alloc(0), /not a CRL/],
    ['HTML', Buffer.from('<html>'), /not a CRL/],
    ['a certificate', Buffer.from(authority.rootPem), /not a CRL/],
    ['cut off', ca.crl().subarray(0, 200), /not a CRL/],
    ['cut off DER', ca.crl({ form: 'DER' }).subarray(0, 200), /not a CRL/],
    ['with a signature that does not fit', tampered(ca.crl({ form: 'DER' })), /not signed with the key of/],
    ['too long', Buffer.alloc(2000), /longer than 1024 bytes/],
  ]
  for (const mode of ['hard', 'soft']) {
    for (const [what, content, problem] of broken) {
      const started = startRevocationServer(t, authority, (directory) => {
        if (content !== undefined) writeFileSync(join(directory, 'partners.crl'), content)
        return { mode, crl: ['partners.crl'], ...(what === 'too long' ? { 'max-crl-bytes': 1024 } : {}) }
      })
      await assert.rejects(started, (error: unknown) => {
        assert.ok(error instanceof ConfigurationError, String(error))
        assert.equal(error.problems[0]?.path, 'trust.partners.revocation.crl[0]', what)
        assert.match(error.problems[0].problem, problem, what)
        return true
      })
    }
  }
})

test(
  'P7: a CRL file that goes bad while the server runs does not take the place of the good one, and a reload is refused',
  { skip },
  async (t) => {
    const ca = await books(t)
    const earlier = ca.crl()
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const crl = ca.crl()
    const running = await startRevocationServer(t, authority, (directory) => {
      writeFileSync(join(directory, 'partners.crl'), crl)
      return { mode: 'soft', crl: ['partners.crl'] }
    })
    const path = join(running.directory, 'partners.crl')
    for (const [content, problem] of [
      [Buffer.from('nonsense'), /not a CRL/],
      [earlier, /older than the one at hand/],
      [undefined, /ENOENT/],
    ] as const) {
      if (content === undefined) rmSync(path)
      else writeFileSync(path, content)
      assert.equal((await running.token(leaked)).reason, 'certificate_revoked')
      assert.equal((await running.token(good)).status, 200)
      const events = await running.logged(
        ({ event, problem: text }) => event === 'revocation_failed' && problem.test(String(text)),
      )
      assert.equal(events.at(-1)?.['kept'] ?? 'yes', 'yes')
      const reloaded = await running.server.reload()
      assert.ok(!reloaded.ok)
      assert.match(reloaded.failure[0]?.problem ?? '', problem)
      assert.equal((await running.token(leaked)).reason, 'certificate_revoked')
    }
    ca.enter(leaked, 'valid')
    writeFileSync(path, ca.crl())
    assert.equal((await running.token(leaked)).status, 200)
    assert.equal((await running.server.reload()).ok, true)
  },
)

test(
  'P7: with a CRL that has ended the server starts and warns; hard refuses, a grace and soft do not',
  { skip },
  async (t) => {
    const ca = await books(t)
    const crl = ca.crl({ seconds: 1 })
    await new Promise((resolve) => setTimeout(resolve, 2100))
    const start = (settings: object) =>
      startRevocationServer(t, authority, (directory) => {
        writeFileSync(join(directory, 'partners.crl'), crl)
        return { crl: ['partners.crl'], ...settings }
      })
    const hard = await start({ mode: 'hard' })
    assert.equal((await hard.token(good)).reason, 'revocation_unknown')
    const warned = await hard.logged(({ event }) => event === 'material_warning')
    assert.match(String(warned.find(({ event }) => event === 'material_warning')?.['warning']), /ended at/)
    assert.equal((await (await start({ mode: 'soft' })).token(good)).status, 200)
    const graceful = await start({ mode: 'hard', grace: '1h' })
    assert.equal((await graceful.token(good)).status, 200)
    assert.equal((await graceful.token(leaked)).reason, 'certificate_revoked')
  },
)

test(
  'a CRL behind a URL is fetched; one server after a restart serves from disk while the source is down',
  { skip },
  async (t) => {
    const ca = await books(t)
    const source = await startCrlServer(t, () => ca.crl({ form: 'DER' }))
    const before = await startRevocationServer(t, authority, () => ({ crl: [source.url] }))
    assert.equal((await before.token(good)).status, 200)
    assert.equal((await before.token(leaked)).reason, 'certificate_revoked')
    assert.equal(source.requests.length, 1, 'one request for all who waited')
    await before.close()
    source.answer = (_request, response) => response.destroy()
    const after = await startRevocationServer(t, authority, () => ({ crl: [source.url] }), {
      directory: before.directory,
    })
    assert.equal((await after.token(good)).status, 200)
    assert.equal((await after.token(leaked)).reason, 'certificate_revoked')
    await after.logged(({ event, kept }) => event === 'revocation_failed' && kept === 'yes')
  },
)

test(
  'SSRF: CRL servers that hang, drip, redirect, flood or answer HTML make a certificate unknown, within bounds',
  { skip },
  async (t) => {
    const ca = await books(t)
    const elsewhere = await startCrlServer(t, () => ca.crl())
    for (const [problem, answer] of [
      [/^(not there yet|no answer)/, () => undefined],
      [/^(not there yet|no answer)/, (_q: unknown, response: { write(text: string): void }) => response.write('x')],
      [
        /not a CRL/,
        (_q: unknown, response: { end(text: string): void }) => response.end('<html><body>Sign in</body></html>'),
      ],
      [
        /a redirect to 127.0.0.1/,
        (_q: unknown, response: RedirectResponse) => response.writeHead(302, { location: elsewhere.url }).end(),
      ],
      [
        /a redirect to file:/,
        (_q: unknown, response: RedirectResponse) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      ],
      [
        /longer than 4096 bytes/,
        (_q: unknown, response: RedirectResponse) =>
          response.writeHead(200, { 'content-length': '1000000000' }).write('x'),
      ],
      [
        /longer than 4096 bytes/,
        (_q: unknown, response: { end(text: Buffer): void }) => response.end(Buffer.alloc(5000)),
      ],
      [/status 404/, (_q: unknown, response: RedirectResponse) => response.writeHead(404).end()],
    ] as const) {
      const source = await startCrlServer(t, () => ca.crl())
      source.answer = answer
      const running = await startRevocationServer(t, authority, () => ({ crl: [source.url], 'max-crl-bytes': 4096 }))
      const began = performance.now()
      const refused = await running.token(good)
      assert.ok(performance.now() - began < 4500, 'a request waits three seconds at most')
      assert.equal(refused.reason, 'revocation_unknown')
      const events = await running.logged(({ event }) => event === 'request_refused')
      const failure = events.find(({ event }) => event === 'request_refused')?.['failure'] as {
        sources: { problem: string }[]
      }
      assert.match(failure.sources[0]?.problem ?? '', problem)
      await running.close()
    }
    assert.deepEqual(elsewhere.requests, [])
  },
)

interface RedirectResponse {
  writeHead(status: number, headers?: object): { end(): void; write(text: string): void }
}

test('a redirect on the same host is followed, and failures are not repeated at every request', { skip }, async (t) => {
  const ca = await books(t)
  const source = await startCrlServer(t, () => ca.crl())
  const give = source.answer
  source.answer = (request, response) =>
    request.url === '/ca.crl' ? void response.writeHead(302, { location: '/there.crl' }).end() : give(request, response)
  const followed = await startRevocationServer(t, authority, () => ({ crl: [source.url] }))
  assert.equal((await followed.token(good)).status, 200)
  const dead = await startCrlServer(t, () => ca.crl())
  dead.answer = (_request, response) => void response.writeHead(500).end()
  const running = await startRevocationServer(t, authority, () => ({ crl: [dead.url] }))
  for (let count = 0; count < 5; count++) assert.equal((await running.token(good)).reason, 'revocation_unknown')
  assert.equal(dead.requests.length, 1)
})

test(
  'SSRF: distribution points out of certificates are followed to listed hosts only, never to private addresses unless listed',
  { skip },
  async (t) => {
    const source = await startCrlServer(t, () => books_.crl({ form: 'DER' }))
    const extension = crlDistributionPointsExtension([{ fullName: [{ kind: 'uri', uri: source.url }] }])
    const pointing = authority.issue({ san: { dns: ['acme.example'] }, extensions: [extension] })
    const books_ = await books(t)
    const settings = { 'crl-distribution-points': 'follow', 'allowed-hosts': [source.host] }
    const unlisted = await startRevocationServer(t, authority, () => ({
      ...settings,
      'allowed-hosts': ['crl.example'],
    }))
    assert.equal((await unlisted.token(pointing)).reason, 'revocation_unknown')
    const privately = await startRevocationServer(t, authority, () => settings)
    assert.equal((await privately.token(pointing)).reason, 'revocation_unknown')
    assert.deepEqual(source.requests, [])
    const listed = await startRevocationServer(t, authority, () => ({
      ...settings,
      'private-addresses': ['127.0.0.1'],
    }))
    assert.equal((await listed.token(pointing)).status, 200)
    books_.enter(pointing, 'revoked')
    const stranger = createTestAuthority({ intermediate: 'no', name: 'Partner' })
    const forged = stranger.issue({ san: { dns: ['acme.example'] }, extensions: [extension] })
    const before = source.requests.length
    const fresh = await startRevocationServer(t, authority, () => ({ ...settings, 'private-addresses': ['127.0.0.1'] }))
    assert.equal((await fresh.token(forged)).reason, 'certificate_untrusted')
    assert.equal(source.requests.length, before, 'nothing is fetched for a path that is not good')
    assert.equal((await fresh.token(pointing)).reason, 'certificate_revoked')
  },
)

test(
  'a file that is written again with the same size and time is read when its inode is another one',
  { skip },
  async (t) => {
    const ca = await books(t)
    const running = await startRevocationServer(t, authority, (directory) => {
      writeFileSync(join(directory, 'partners.crl'), ca.crl())
      return { crl: ['partners.crl'] }
    })
    const path = join(running.directory, 'partners.crl')
    utimesSync(path, 1, 1)
    assert.equal((await running.token(good)).status, 200)
    ca.enter(good, 'revoked')
    writeFileSync(`${path}.new`, ca.crl())
    utimesSync(`${path}.new`, 1, 1)
    renameSync(`${path}.new`, path)
    assert.equal((await running.token(good)).reason, 'certificate_revoked')
  },
)

test('a CRL of a CA that nobody knows is a warning at start, and tells nothing', { skip }, async (t) => {
  const stranger = await opensslAuthority(t, createTestAuthority({ intermediate: 'no', name: 'Partner' }).root)
  const running = await startRevocationServer(t, authority, (directory) => {
    writeFileSync(join(directory, 'partners.crl'), stranger.crl())
    return { crl: ['partners.crl'] }
  })
  assert.equal((await running.token(good)).reason, 'revocation_unknown')
  const events = await running.logged(({ event }) => event === 'material_warning')
  assert.match(String(events.find(({ event }) => event === 'material_warning')?.['warning']), /neither anchor nor/)
})

test('a reload keeps what was fetched, and knows the CAs that it brought', { skip }, async (t) => {
  const ca = await books(t)
  const source = await startCrlServer(t, () => ca.crl({ form: 'DER' }))
  const running = await startRevocationServer(t, authority, () => ({ crl: [source.url] }))
  assert.equal((await running.token(leaked)).reason, 'certificate_revoked')
  source.answer = (_request, response) => response.destroy()
  assert.equal((await running.server.reload()).ok, true)
  assert.equal((await running.token(leaked)).reason, 'certificate_revoked')
  running.configure({ crl: [source.url], mode: 'off' })
  assert.equal((await running.server.reload()).ok, true)
  assert.equal((await running.token(leaked)).status, 200, 'switched off means off')
  running.configure({ crl: [source.url] })
  assert.equal((await running.server.reload()).ok, true)
  assert.equal((await running.token(leaked)).reason, 'certificate_revoked', 'from disk: the source is down')
  assert.equal(source.requests.length <= 3, true)
})

test('P6: a reload asks every URL at once, so that nobody has to wait for the next look', { skip }, async (t) => {
  const ca = await books(t)
  const source = await startCrlServer(t, () => ca.crl({ form: 'DER' }))
  const running = await startRevocationServer(t, authority, () => ({ crl: [source.url] }))
  const { json, status } = await running.token(good)
  assert.equal(status, 200)
  ca.enter(good, 'revoked')
  assert.equal((await running.token(good)).status, 200, 'not yet asked for')
  assert.equal((await running.server.reload()).ok, true)
  assert.equal((await running.token(good)).reason, 'certificate_revoked')
  assert.equal(await running.introspect(json['access_token']), false)
})

/** The same list with the last octet of its signature changed. */
function tampered(der: Buffer): Buffer {
  const changed = Buffer.from(der)
  changed[changed.length - 1]! ^= 1
  return changed
}

test('every process of several counts a new CRL at its next request', { skip }, async (t) => {
  const ca = await books(t)
  const more = { limits: { workers: 2 } }
  const running = await startRevocationServer(
    t,
    authority,
    (directory) => {
      writeFileSync(join(directory, 'partners.crl'), ca.crl())
      return { crl: ['partners.crl'] }
    },
    { more },
  )
  const tokens = await Promise.all([1, 2, 3, 4, 5, 6].map(() => running.token(good)))
  assert.deepEqual(new Set(tokens.map(({ status }) => status)), new Set([200]))
  ca.enter(good, 'revoked')
  writeFileSync(join(running.directory, 'partners.crl'), ca.crl())
  const refused = await Promise.all([1, 2, 3, 4, 5, 6].map(() => running.token(good)))
  assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([401]))
  for (const { json } of tokens) assert.equal(await running.introspect(json['access_token']), false)
})

test('explain waits for a source as long as a request would, and leaves nothing under way', { skip }, async (t) => {
  const ca = await books(t)
  const source = await startCrlServer(t, () => ca.crl())
  const running = await startRevocationServer(t, authority, () => ({ crl: [source.url] }), {
    more: { store: { url: 'memory:' } },
  })
  const explain = (certificate: TestCertificate) => {
    const { der, chain, thumbprint } = certificate
    const presented = {
      der,
      chain,
      thumbprint,
      source: { kind: 'handshake', serverName: 'mtls.as.test', resumed: false },
    }
    const parameters = new Map([
      ['grant_type', 'client_credentials'],
      ['client_id', 'acme'],
    ])
    return openExplainer(load(running.file), { now: () => Math.floor(Date.now() / 1000) }).explain({
      form: { ok: true, value: parameters },
      certificate: presented as unknown as PresentedCertificate,
      role: 'mtls',
    })
  }
  const { steps } = await explain(good)
  const passed = steps.find(({ step }) => step === 'revocation')
  assert.deepEqual(passed?.facts['statuses'], [{ status: 'good', source: 'crl', origin: source.url }])
  const { outcome } = await explain(leaked)
  assert.ok(outcome.kind === 'refuse' && outcome.failure.reason === 'certificate_revoked')
  assert.equal(outcome.failure.origin, source.url)
  const given = new Promise((resolve) => (source.answer = (_request, response) => void response.on('close', resolve)))
  const unknown = await explain(good)
  assert.ok(unknown.outcome.kind === 'refuse' && unknown.outcome.failure.reason === 'revocation_unknown')
  await given
})
