import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { Agent } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { PresentedCertificate } from '@holdfast/core'
import { ConfigurationError } from '@holdfast/server'
import { openExplainer } from '@holdfast/server/operate'
import { createTestAuthority, listenOnLoopback } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'
import { startRevocationServer } from './revocation-peers.ts'
import { load } from './test-server.ts'

const [acme, next, web] = ['Acme', 'Next', 'Web'].map((name) => createTestAuthority({ name })) as [
  TestAuthority,
  TestAuthority,
  TestAuthority,
]
const identity = web.issueServer(['127.0.0.1'])
const id = 'spiffe://acme.example/billing'
const svidOf = (authority: TestAuthority, uri: string = id): TestCertificate =>
  authority.issue({ subject: [], san: { uri: [uri] } })
const [svid, nextSvid] = [svidOf(acme), svidOf(next)]

test('an SVID gets a token by the bundle file of its trust domain; a CA that leaves it vouches for nobody at the next request', async (t) => {
  const at = await startSpiffeServer(t, { bundle: 'bundle.json' }, (directory) => {
    writeFileSync(join(directory, 'bundle.json'), bundleOf([acme], 1))
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const token = await at.token(svid, { agent })
  assert.equal(token.status, 200)
  assert.equal((await at.token(nextSvid)).reason, 'certificate_untrusted')
  assert.equal((await at.token(svidOf(acme, 'spiffe://other.example/billing'))).reason, 'spiffe_trust_domain_mismatch')
  assert.equal((await at.token(acme.issue({ san: { dns: ['acme.example'] } }))).reason, 'certificate_not_svid')

  at.replace(bundleOf([next, acme], 2))
  assert.equal((await at.token(nextSvid)).status, 200)
  assert.equal((await at.token(svid, { agent })).status, 200)
  at.replace(bundleOf([next], 3))
  assert.equal((await at.token(svid, { agent })).reason, 'certificate_untrusted')
  assert.equal(await at.introspect(token.json['access_token']), false)
  at.replace(bundleOf([next, acme], 2))
  assert.equal((await at.token(svid, { agent })).reason, 'certificate_untrusted', 'the sequence never goes back')
  const events = await at.logged(({ event }) => event === 'spiffe_bundle_failed')
  assert.match(String(events.find(({ event }) => event === 'spiffe_bundle_failed')?.['problem']), /older than/)
  at.replace('<html>')
  assert.equal((await at.token(nextSvid)).status, 200, 'what is no bundle changes nothing')
  at.replace(bundleOf([], 4))
  assert.equal((await at.token(nextSvid)).reason, 'certificate_untrusted', 'an empty bundle revokes all')
})

test('a bundle behind a URL is asked for once, again before its hint is over, and refuses for a reason of its own when it is stale', async (t) => {
  const source = await startBundleServer(t, () => bundleOf([acme], 5, 600))
  const clock = movingClock()
  const at = await startSpiffeServer(t, { bundle: source.url, ca: 'web.pem', 'maximum-age': '1h' }, undefined, clock)
  const answers = await Promise.all([1, 2, 3, 4].map(() => at.token(svid)))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  assert.equal(source.requests(), 1)
  clock.advance(480)
  await at.token(svid)
  assert.equal(source.requests(), 1, 'the hint is not over yet')
  clock.advance(119)
  source.answer = (_, response) => void response.end(bundleOf([acme, next], 6, 600))
  assert.equal((await at.token(svid)).status, 200, 'nobody waits while it is renewed')
  await at.logged(({ event, sequence }) => event === 'spiffe_bundle_loaded' && sequence === 6)
  assert.equal(source.requests(), 2)
  assert.equal((await at.token(nextSvid)).status, 200)

  source.answer = (_, response) => void response.end(bundleOf([acme], 4, 600))
  clock.advance(600)
  assert.equal((await at.token(nextSvid)).status, 200)
  await at.logged(({ event, problem }) => event === 'spiffe_bundle_failed' && /older than/.test(String(problem)))
  assert.equal((await at.token(nextSvid)).status, 200, 'a sequence that goes back changes nothing')
  const token = await at.token(svid)
  clock.advance(3001)
  const stale = await at.token(svid)
  assert.deepEqual(
    [stale.status, stale.reason, stale.json['error']],
    [503, 'spiffe_bundle_stale', 'temporarily_unavailable'],
  )
  assert.equal(await at.introspect(token.json['access_token']), false, 'the token itself has ended by now')
})

test('after a restart the bundle on disk serves while its source is down, no longer than before, and its sequence counts', async (t) => {
  const source = await startBundleServer(t, () => bundleOf([acme], 5))
  const clock = movingClock()
  const spiffe = { bundle: source.url, ca: 'web.pem', 'maximum-age': '1h' }
  const before = await startSpiffeServer(t, spiffe, undefined, clock)
  assert.equal((await before.token(svid)).status, 200)
  await before.close()
  source.answer = (request) => void request.socket.destroy()
  clock.advance(3000)
  const after = await startSpiffeServer(t, spiffe, undefined, clock, before.directory)
  assert.equal((await after.token(svid)).status, 200)
  clock.advance(601)
  assert.equal((await after.token(svid)).reason, 'spiffe_bundle_stale')
  await after.close()
  source.answer = (_, response) => void response.end(bundleOf([acme, next], 4))
  const again = await startSpiffeServer(t, spiffe, undefined, clock, before.directory)
  assert.equal((await again.token(nextSvid)).reason, 'spiffe_bundle_stale')
  source.answer = (_, response) => void response.end(bundleOf([next], 6))
  assert.equal((await again.server.reload()).ok, true)
  assert.equal((await again.token(nextSvid)).status, 200)
  assert.equal((await again.token(svid)).reason, 'certificate_untrusted')
})

for (const [what, answer, problem] of [
  ['closes', (request) => void request.socket.destroy(), /ECONNRESET|broke off/],
  ['answers HTML', (_, response) => void response.end('<html>'), /no bundle: bundle not json/],
  ['answers an error', (_, response) => void response.writeHead(500).end(bundleOf([acme])), /status 500/],
  [
    'announces a gigabyte',
    (_, response) => void response.writeHead(200, { 'content-length': 2 ** 30 }).write(' '),
    /longer than/,
  ],
  ['sends a flood', (_, response) => void response.end(Buffer.alloc(600_000, ' ')), /longer than/],
  [
    'redirects to http',
    (request, response) => void response.writeHead(302, { location: `http://${request.headers.host}/` }).end(),
    /redirect|not https/,
  ],
  [
    'redirects elsewhere',
    (_, response) => void response.writeHead(302, { location: 'https://localhost/' }).end(),
    /redirect/,
  ],
] as readonly (readonly [string, Answer, RegExp])[]) {
  test(`CVE-2025-64527: a bundle server that ${what} harms its own trust domain only`, async (t) => {
    const source = await startBundleServer(t, () => '')
    source.answer = answer
    const at = await startSpiffeServer(t, { bundle: source.url, ca: 'web.pem' })
    const refused = await at.token(svid)
    assert.deepEqual([refused.status, refused.reason], [503, 'spiffe_bundle_missing'])
    const events = await at.logged(({ event }) => event === 'spiffe_bundle_failed')
    assert.match(String(events.find(({ event }) => event === 'spiffe_bundle_failed')?.['problem']), problem)
    assert.equal(
      (await at.token(next.issue({ san: { dns: ['partner.example'] } }), { body: form('partner') })).status,
      200,
    )
  })
}

test('a bundle server that another CA vouches for is not believed', async (t) => {
  const source = await startBundleServer(t, () => bundleOf([acme]))
  const at = await startSpiffeServer(t, { bundle: source.url, ca: 'partners.pem' })
  assert.equal((await at.token(svid)).reason, 'spiffe_bundle_missing')
  await at.logged(
    ({ event, problem }) => event === 'spiffe_bundle_failed' && /CERT|SELF_SIGNED|ISSUER/.test(String(problem)),
  )
})

test('CVE-2026-27586: a bundle file that cannot be used is a problem at start', async (t) => {
  for (const [content, problem] of [
    [undefined, /ENOENT/],
    ['', /bundle not json/],
    ['{}', /bundle keys missing/],
    ['{"keys":[],"spiffe_sequence":"x"}', /sequence malformed/],
  ] as const) {
    const started = startSpiffeServer(t, { bundle: 'bundle.json' }, (directory) => {
      if (content !== undefined) writeFileSync(join(directory, 'bundle.json'), content)
    })
    await assert.rejects(started, (error: unknown) => {
      assert.ok(error instanceof ConfigurationError, String(error))
      assert.match(JSON.stringify(error.problems), problem)
      return true
    })
  }
})

test('a client registered by its SPIFFE ID, or by all below one, is judged by the bundle of that trust domain', async (t) => {
  const at = await startSpiffeServer(t, { bundle: 'bundle.json' }, (directory) => {
    writeFileSync(join(directory, 'bundle.json'), bundleOf([acme]))
  })
  const billing = svidOf(acme, 'spiffe://acme.example/prod/billing')
  const asked = async (clientId: string, certificate: TestCertificate) =>
    at.token(certificate, { body: form(clientId) })
  assert.equal((await asked('exact', billing)).status, 200)
  assert.equal((await asked('below', billing)).status, 200)
  for (const [clientId, certificate, reason] of [
    ['exact', svidOf(acme, 'spiffe://acme.example/prod/billing2'), 'certificate_subject_mismatch'],
    ['below', svidOf(acme, 'spiffe://acme.example/prod'), 'certificate_subject_mismatch'],
    ['below', svidOf(acme, 'spiffe://acme.example/prod2/billing'), 'certificate_subject_mismatch'],
    ['below', svidOf(acme, 'spiffe://acme.example.evil/prod/billing'), 'spiffe_trust_domain_mismatch'],
    ['below', svidOf(next, 'spiffe://acme.example/prod/billing'), 'certificate_untrusted'],
  ] as const) {
    assert.equal((await asked(clientId, certificate)).reason, reason)
  }
})

test('every process of several takes a new bundle over at its next request', async (t) => {
  const prepare = (directory: string): void => writeFileSync(join(directory, 'bundle.json'), bundleOf([acme], 1))
  const at = await startSpiffeServer(t, { bundle: 'bundle.json' }, prepare, 'of the machine', undefined, { workers: 2 })
  for (let request = 0; request < 8; request++) assert.equal((await at.token(svid)).status, 200)
  at.replace(bundleOf([next], 2))
  for (let request = 0; request < 8; request++) {
    assert.equal((await at.token(svid)).status, 401)
    assert.equal((await at.token(nextSvid)).status, 200)
  }
})

test('an explanation asks for the bundle itself and says what a server would', async (t) => {
  const source = await startBundleServer(t, () => bundleOf([acme]))
  const at = await startSpiffeServer(t, { bundle: source.url, ca: 'web.pem' })
  await at.close()
  const explain = (certificate: TestCertificate) => {
    const { der, thumbprint, chain } = certificate
    const source = { kind: 'handshake', serverName: 'mtls.as.test', resumed: false }
    return openExplainer(load(at.file), { now: () => Math.floor(Date.now() / 1000) }).explain({
      form: { ok: true, value: new Map([...new URLSearchParams(form('acme'))]) },
      certificate: { der, thumbprint, chain, source } as unknown as PresentedCertificate,
      role: 'mtls',
    })
  }
  const { outcome } = await explain(svid)
  assert.notEqual(outcome.kind, 'refuse')
  const stranger = await explain(nextSvid)
  assert.equal(stranger.outcome.kind === 'refuse' && stranger.outcome.failure.reason, 'certificate_untrusted')
  source.answer = (request) => void request.socket.destroy()
  const kept = await explain(svid)
  assert.notEqual(kept.outcome.kind, 'refuse', 'what the server keeps on disk is read, too')
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

interface MovingClock {
  now(): number
  advance(seconds: number): void
}

function movingClock(): MovingClock {
  let ahead = 0
  return {
    now: () => Math.floor(Date.now() / 1000) + ahead,
    advance: (seconds) => void (ahead += seconds),
  }
}

function bundleOf(authorities: readonly TestAuthority[], sequence = 1, hint = 300): string {
  const keys = authorities.map(({ rootDer }) => ({
    kty: 'EC',
    use: 'x509-svid',
    x5c: [Buffer.from(rootDer).toString('base64')],
  }))
  return JSON.stringify({ keys, spiffe_sequence: sequence, spiffe_refresh_hint: hint })
}

function form(clientId: string): string {
  return new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId }).toString()
}

async function startBundleServer(t: TestContext, text: () => string) {
  let requests = 0
  const server = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    requests++
    source.answer(request, response)
  })
  server.on('tlsClientError', () => undefined)
  const answer: Answer = (_, response) => void response.end(text())
  const source = {
    url: `https://127.0.0.1:${await listenOnLoopback(t, server)}/bundle`,
    requests: () => requests,
    answer,
  }
  return source
}

/** A server whose client `acme` is known by its SPIFFE ID, and a client `partner` of another trust. */
async function startSpiffeServer(
  t: TestContext,
  spiffe: object,
  prepare: (directory: string) => void = () => undefined,
  clock: MovingClock | 'of the machine' = movingClock(),
  directory?: string,
  limits: object = {},
) {
  const clients = [
    { client_id: 'acme', trust: 'workloads', tls_client_auth_san_uri: id },
    { client_id: 'exact', spiffe_id: 'spiffe://acme.example/prod/billing' },
    { client_id: 'below', spiffe_id: 'spiffe://acme.example/prod/*' },
    { client_id: 'partner', trust: 'partners', tls_client_auth_san_dns: 'partner.example' },
  ].map((client) => ({
    ...client,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_certificate_bound_access_tokens: true,
    grant_types: ['client_credentials'],
  }))
  const api = {
    client_id: 'api',
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: 'a secret of the api',
    grant_types: [],
    introspection_audience: '*',
  }
  const workloads = { spiffe: { 'trust-domain': 'acme.example', ...spiffe } }
  const trust = { workloads, partners: { anchors: ['partners.pem'] } }
  const started = await startRevocationServer(
    t,
    next,
    (folder) => {
      writeFileSync(join(folder, 'web.pem'), web.rootPem)
      prepare(folder)
      return {}
    },
    {
      ...(clock === 'of the machine' ? {} : { clock }),
      more: { trust, clients: [...clients, api], limits },
      ...(directory === undefined ? {} : { directory }),
    },
  )
  const replace = (text: string): void => {
    writeFileSync(join(started.directory, 'new.json'), text)
    renameSync(join(started.directory, 'new.json'), join(started.directory, 'bundle.json'))
  }
  return { ...started, replace }
}
