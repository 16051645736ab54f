import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { createTestAuthority, listenOnLoopback, temporaryDirectory } from '@holdfast/testkit'
import { caInit } from './ca-init.ts'
import { caOcsp } from './ca-ocsp.ts'
import { caRevoke } from './ca-revoke.ts'
import { certClient } from '../cert/cert-client.ts'
import { systemMaking } from '../cert/making.ts'
import { createTerminal, type ExitCode, type Terminal } from '../terminal.ts'

const run = promisify(execFile)

test('OpenSSL hears good, then revoked as soon as it is, and unknown for another CA', async (t) => {
  const { directory, terminal, ocsp } = await responder(t)
  const ask = async (leaf: string, issuer: string = 'ca/issuing.pem'): Promise<string> => {
    const { stdout, stderr } = await run(
      'openssl',
      [
        'ocsp',
        '-issuer',
        issuer,
        '-cert',
        leaf,
        '-url',
        ocsp,
        '-CAfile',
        'ca/root.pem',
        '-verify_other',
        'ca/issuing.pem',
        '-nonce',
      ],
      { cwd: directory, encoding: 'utf8' },
    ).catch((refused: { stdout: string; stderr: string }) => refused)
    return stdout + stderr
  }
  const before = await ask('acme.example.pem')
  assert.match(before, /Response verify OK/)
  assert.match(before, /acme\.example\.pem: good/)
  assert.doesNotMatch(before, /no nonce/)
  caRevoke(['acme.example.pem'], { days: 7, reason: 'keyCompromise' }, terminal, systemMaking)
  const after = await ask('acme.example.pem')
  assert.match(after, /acme\.example\.pem: revoked/)
  assert.match(after, /Reason: keyCompromise/)
  const stranger = createTestAuthority({ intermediate: 'no' })
  writeFileSync(join(directory, 'stranger.pem'), stranger.rootPem)
  writeFileSync(join(directory, 'theirs.pem'), stranger.issue().pem)
  assert.match(await ask('theirs.pem', 'stranger.pem'), /theirs\.pem: unknown/)
})

test('RFC 6960 appendix A.1  a request in the path is answered as one in the body', async (t) => {
  const { directory, ocsp } = await responder(t)
  await run(
    'openssl',
    ['ocsp', '-issuer', 'ca/issuing.pem', '-cert', 'acme.example.pem', '-no_nonce', '-reqout', 'request.der'],
    {
      cwd: directory,
    },
  )
  const request = readFileSync(join(directory, 'request.der')).toString('base64')
  for (const path of [request, encodeURIComponent(request)]) {
    const response = await fetch(`${ocsp}/${path}`)
    assert.equal(response.headers.get('content-type'), 'application/ocsp-response')
    const answer = new Uint8Array(await response.arrayBuffer())
    assert.deepEqual([...answer.subarray(4, 7)], [0x0a, 1, 0])
  }
})

test('the CRL is handed out in DER once there is one', async (t) => {
  const { directory, terminal, ocsp } = await responder(t)
  assert.equal((await fetch(`${ocsp}/crl`)).status, 404)
  caRevoke(['acme.example.pem'], { days: 7 }, terminal, systemMaking)
  const response = await fetch(`${ocsp}/crl`)
  assert.equal(response.headers.get('content-type'), 'application/pkix-crl')
  writeFileSync(join(directory, 'list.der'), new Uint8Array(await response.arrayBuffer()))
  const { stderr } = await run(
    'openssl',
    ['crl', '-inform', 'DER', '-in', 'list.der', '-noout', '-verify', '-CAfile', 'ca/issuing.pem'],
    {
      cwd: directory,
    },
  )
  assert.match(stderr, /verify OK/)
})

test('what is no request is answered as such, and what is too large is not read', async (t) => {
  const { ocsp } = await responder(t)
  const nonsense = await fetch(ocsp, { method: 'POST', body: 'nonsense' })
  assert.deepEqual([...new Uint8Array(await nonsense.arrayBuffer())], [0x30, 3, 0x0a, 1, 1])
  assert.equal((await fetch(ocsp, { method: 'POST', body: randomBytes(17_000) })).status, 413)
  assert.equal((await fetch(ocsp, { method: 'PUT' })).status, 405)
})

test('the certificate names responder and CRL where it is told to', async (t) => {
  const { directory } = await responder(t)
  const { infoAccess, raw } = new X509Certificate(readFileSync(join(directory, 'acme.example.pem')))
  assert.equal(infoAccess?.trim(), 'OCSP - URI:http://ocsp.example/')
  assert.ok(raw.includes('http://ca.example/crl'))
  assert.ok(createPrivateKey(readFileSync(join(directory, 'acme.example.key'))))
})

test('a port that is taken is said to be, and the exit code is 3', async (t) => {
  const { directory, terminal } = await authority(t)
  const port = await listenOnLoopback(t, createServer())
  await assert.rejects(caOcsp({ dir: join(directory, 'ca'), port }, terminal, systemMaking), {
    message: `port ${port} cannot be had: EADDRINUSE`,
    kind: 'unknown',
  })
})

test('it stops when it is told to, with connections still open', async (t) => {
  const { ocsp, stop } = await responder(t)
  const socket = connect(Number(new URL(ocsp).port), '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  assert.equal(await stop(), 0)
})

interface Prepared {
  readonly directory: string
  readonly terminal: Terminal
  readonly printed: () => string
}

async function authority(t: TestContext): Promise<Prepared> {
  const directory = await temporaryDirectory(t)
  let printed = ''
  const terminal = createTerminal(
    {
      stdout: { write: (text) => (printed += text) },
      stderr: { write: () => true },
      environment: {},
      folder: directory,
    },
    { json: true, quiet: true },
  )
  caInit({ dir: 'ca', name: 'Development', key: 'ec-p256', days: 10 }, terminal, systemMaking)
  const names = { dns: ['acme.example'], ocsp: 'http://ocsp.example/', crl: 'http://ca.example/crl' }
  certClient({ ...names, key: 'ec-p256', days: 1 }, terminal, systemMaking)
  return { directory, terminal, printed: () => printed }
}

async function responder(t: TestContext): Promise<Prepared & { ocsp: string; stop: () => Promise<ExitCode> }> {
  const prepared = await authority(t)
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const { promise: listening, resolve: listens } = Promise.withResolvers<void>()
  const before = prepared.printed().length
  const running = caOcsp({ port: 0 }, prepared.terminal, systemMaking, () => {
    listens()
    return told
  })
  await Promise.race([listening, running])
  const stop = (): Promise<ExitCode> => {
    tell()
    return running
  }
  t.after(stop)
  const { ocsp } = JSON.parse(prepared.printed().slice(before)) as { ocsp: string }
  return { ...prepared, ocsp, stop }
}
