import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Clock } from '@holdfast/core'
import { createTestAuthority, listenOnLoopback } from '@holdfast/testkit'
import { authorityInformationAccessExtension, extendedKeyUsageExtension, ocspErrorResponse } from '@holdfast/x509/issue'
import { opensslAuthority, partnerAuthority, startRevocationServer } from './revocation-peers.ts'
import type { OpensslAuthority } from './revocation-peers.ts'

const skip = spawnSync('openssl', ['version']).status !== 0 ? 'openssl is not on this machine' : false
const { authority, issue } = partnerAuthority()
const [good, leaked, unlisted] = [issue(), issue(), issue()]
const delegated = authority.issue({
  commonName: 'responder',
  extensions: [extendedKeyUsageExtension(['OCSPSigning'])],
})

async function books(t: TestContext, signer = authority.root): Promise<OpensslAuthority> {
  const made = await opensslAuthority(t, authority.root, signer)
  made.enter(good, 'valid')
  made.enter(leaked, 'revoked')
  return made
}

for (const [signer, certificate] of [
  ['the CA itself', authority.root],
  ['a delegated responder', delegated],
] as const) {
  test(
    `openssl ocsp, signing as ${signer}: good gets a token, revoked does not, unknown is not good`,
    { skip },
    async (t) => {
      const { url } = await (await books(t, certificate)).respond(t)
      const { token } = await startRevocationServer(t, authority, () => ({ ocsp: { responder: url } }))
      assert.equal((await token(good)).status, 200)
      const refused = await token(leaked)
      assert.equal(refused.reason, 'certificate_revoked')
      assert.equal(refused.json['error'], 'invalid_client')
      assert.equal((await token(unlisted)).reason, 'revocation_unknown')
    },
  )
}

test(
  'P7: with the responder down hard refuses, soft accepts; after a restart the answer on disk serves until it ends',
  { skip },
  async (t) => {
    const ca = await books(t)
    const responder = await ca.respond(t)
    const settings = { ocsp: { responder: responder.url } }
    const before = await startRevocationServer(t, authority, () => settings)
    assert.equal((await before.token(good)).status, 200)
    await before.close()
    await responder.end()
    const after = await startRevocationServer(t, authority, () => settings, { directory: before.directory })
    assert.equal((await after.token(good)).status, 200)
    assert.equal((await after.token(leaked)).reason, 'revocation_unknown')
    const soft = await startRevocationServer(t, authority, () => ({ ...settings, mode: 'soft' }))
    assert.equal((await soft.token(leaked)).status, 200)
    await soft.logged(({ event }) => event === 'unknown_revocation_accepted')
  },
)

test(
  'P7: answers that are expired, of another signer, badly signed, tryLater or no answer at all tell nothing',
  { skip },
  async (t) => {
    const stranger = createTestAuthority({ intermediate: 'no', name: 'Stranger' })
    const honest = await (await books(t)).respond(t)
    const ahead = { now: () => Math.floor(Date.now() / 1000) + 7200 }
    const wrong = await (await books(t, stranger.root)).respond(t)
    const bad = await (await books(t)).respond(t, ['-nmin', '5', '-badsig'])
    const plain = async (body: Uint8Array | string, status = 200) => {
      const server = createServer((_request, response) => void response.writeHead(status).end(body))
      return { url: `http://127.0.0.1:${await listenOnLoopback(t, server)}/` }
    }
    const cases: readonly (readonly [{ readonly url: string }, RegExp, Clock?])[] = [
      [honest, /ocsp expired/, ahead],
      [wrong, /ocsp responder (unknown|not authorized)/],
      [bad, /ocsp signature invalid/],
      [await plain(ocspErrorResponse('tryLater')), /tryLater/],
      [await plain('<html>'), /no answer/],
      [await plain('', 503), /status 503/],
      [await plain(Buffer.alloc(600_000)), /longer than/],
    ]
    for (const [responder, problem, clock] of cases) {
      const settings = { ocsp: { responder: responder.url } }
      const options = clock === undefined ? {} : { clock }
      const running = await startRevocationServer(t, authority, () => settings, options)
      assert.equal((await running.token(good)).reason, 'revocation_unknown', String(problem))
      const events = await running.logged(({ event }) => event === 'revocation_failed')
      assert.match(String(events.find(({ event }) => event === 'revocation_failed')?.['problem']), problem)
      await running.close()
    }
  },
)

test(
  'CRLs come first: a responder is asked only about what no CRL tells, and at most once while its answer holds',
  { skip },
  async (t) => {
    const ca = await books(t)
    const { url } = await ca.respond(t)
    const relayed = await relay(t, () => url)
    const responder = relayed.url
    const listed = await startRevocationServer(t, authority, (directory) => {
      writeFileSync(join(directory, 'partners.crl'), ca.crl())
      return { crl: ['partners.crl'], ocsp: { responder } }
    })
    assert.equal((await listed.token(good)).status, 200)
    assert.equal((await listed.token(leaked)).reason, 'certificate_revoked')
    assert.equal(relayed.questions(), 0)
    const asking = await startRevocationServer(t, authority, () => ({ ocsp: { responder } }))
    const answers = await Promise.all([1, 2, 3, 4].map(() => asking.token(good)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    assert.equal((await asking.token(good)).status, 200)
    assert.equal(relayed.questions(), 1)
  },
)

test(
  'SSRF: the responder that a certificate names is asked only when its host is listed, and its address public or listed',
  { skip },
  async (t) => {
    const ca = await books(t)
    let responder = ''
    const { url } = await relay(t, () => responder)
    const extension = authorityInformationAccessExtension({ ocsp: [url] })
    const naming = authority.issue({ san: { dns: ['acme.example'] }, extensions: [extension] })
    ca.enter(naming, 'valid')
    responder = (await ca.respond(t)).url
    const follow = { ocsp: { 'from-certificate': 'follow' }, 'allowed-hosts': [new URL(url).host] }
    const refused = await startRevocationServer(t, authority, () => follow)
    assert.equal((await refused.token(naming)).reason, 'revocation_unknown')
    const other = await startRevocationServer(t, authority, () => ({ ...follow, 'allowed-hosts': ['ocsp.example'] }))
    assert.equal((await other.token(naming)).reason, 'revocation_unknown')
    const listed = await startRevocationServer(t, authority, () => ({
      ...follow,
      'private-addresses': ['127.0.0.0/8'],
    }))
    assert.equal((await listed.token(naming)).status, 200)
  },
)

test(
  'a responder that is down is left alone for a while, whichever certificate asks, and asked again after it or a reload',
  { skip },
  async (t) => {
    const ca = await books(t)
    const honest = (await ca.respond(t)).url
    let [target, questions] = ['', 0]
    const { url } = await relay(t, () => {
      questions++
      return target
    })
    let ahead = 0
    const clock = { now: () => Math.floor(Date.now() / 1000) + ahead }
    const running = await startRevocationServer(t, authority, () => ({ ocsp: { responder: url } }), { clock })
    assert.equal((await running.token(good)).reason, 'revocation_unknown')
    assert.equal(questions, 1)
    target = honest
    assert.equal((await running.token(leaked)).reason, 'revocation_unknown')
    assert.equal((await running.token(good)).reason, 'revocation_unknown')
    assert.equal(questions, 1, 'nobody asked again, and nobody waited')
    ahead = 15
    assert.equal((await running.token(leaked)).reason, 'certificate_revoked')
    assert.equal((await running.token(good)).status, 200)
    target = ''
    assert.equal((await running.token(unlisted)).reason, 'revocation_unknown')
    target = honest
    assert.equal((await running.server.reload()).ok, true)
    assert.equal((await running.token(good)).status, 200)
  },
)

/** Hands questions on to a responder and counts them. */
async function relay(t: TestContext, target: () => string) {
  let questions = 0
  const server = createServer((request, response) => {
    questions++
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = { 'content-type': 'application/ocsp-request' }
      fetch(target(), { method: 'POST', headers, body: Buffer.concat(chunks) })
        .then((answer) => answer.arrayBuffer())
        .then(
          (answer) => response.end(Buffer.from(answer)),
          () => response.destroy(),
        )
    })
  })
  return { url: `http://127.0.0.1:${await listenOnLoopback(t, server)}/`, questions: () => questions }
}
