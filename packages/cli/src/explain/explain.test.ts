import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '../run.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-explain-'))
  assert.equal((await ran('init', '--dir', folder)).code, 0)
})
after(() => rm(folder, { recursive: true, force: true }))

async function ran(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  let [stdout, stderr] = ['', '']
  const code = await run(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    environment: {},
    folder,
  })
  return { code, stdout, stderr }
}

function escapedCertificate(): string {
  return encodeURIComponent(readFileSync(join(folder, 'first-client.pem'), 'utf8'))
}

test('a certificate without a client is explained by what it says, and by the clients that it would do for', async () => {
  const { code, stdout } = await ran('explain', '--cert', 'first-client.pem')
  assert.equal(code, 0)
  assert.match(stdout, /^dns +first-client\.example$/m)
  assert.match(stdout, /^✓ first-client +would be let in$/m)
  const other = await ran('explain', '--cert', 'ca.pem')
  assert.equal(other.code, 1)
  assert.match(other.stdout, /^✗ first-client .*is the anchor itself$/m)
})

test('a captured header is read as the named terminator writes it, as curl, JSON and shells show it', async () => {
  const line = `X-SSL-CERT: ${escapedCertificate()}`
  writeFileSync(join(folder, 'captured.txt'), `"X-SSL-CERT": "${escapedCertificate()}",\n`)
  for (const written of [line, `< ${line}`, `"${line}"`, `'${line}'`, '@captured.txt']) {
    const { code, stdout } = await ran('explain', '--from', 'nginx', '--header', written)
    assert.equal(code, 0, written.slice(0, 20))
    assert.match(stdout, /would be let in/)
  }
})

test('a header that no listener takes names the presets that would, and one in another format says whose it is', async () => {
  const untaken = await ran('explain', '--header', 'X-Forwarded-Client-Cert: Hash=00')
  assert.equal(untaken.code, 1)
  assert.match(untaken.stderr, /is what envoy, istio, azure-container-apps write: --from PRESET/)
  const other = await ran('explain', '--from', 'apache', '--header', `X-SSL-CERT: ${escapedCertificate()}`)
  assert.equal(other.code, 1)
  assert.match(other.stdout, /mend +the value is what nginx, .* would write/)
  const placeholder = await ran('explain', '--from', 'rfc9440', '--header', 'Client-Cert: ::')
  assert.match(placeholder.stdout, /had a certificate and could not hand it on/)
  const beside = await ran(
    ...['explain', '--from', 'nginx', '--header', `X-SSL-CERT: ${escapedCertificate()}`, '--header', 'Client-Cert: x'],
  )
  assert.match(beside.stdout, /because +Client-Cert came in/)
})

test('where there is no configuration a certificate still says what it is', async () => {
  const { code, stdout, stderr } = await ran('explain', '--cert', 'first-client.pem', '--config', 'nowhere.yaml')
  assert.equal(code, 0)
  assert.match(stdout, /^subject +CN=first-client\.example$/m)
  assert.match(stderr, /no nowhere\.yaml here/)
})

test('a refusal of the edge is found in the log by its reference, by the sentence that has it, or as the line itself', async () => {
  const record = {
    level: 'info',
    time: '2026-11-22T20:00:00.000Z',
    event: 'edge_refused',
    correlationId: 'abcDEF123',
    listener: '0:/run/main.sock',
    remoteAddress: '10.0.0.3',
    status: 421,
    refusal: { reason: 'host_misdirected', host: 'holdfast_mtls_1', expected: ['mtls.login.example.com'] },
  }
  const answered = { ...record, event: 'request_answered', refusal: undefined }
  writeFileSync(
    join(folder, 'journal.txt'),
    [record, answered].map((one) => `Nov 22 20:00:00 host holdfast[1]: ${JSON.stringify(one)}\n`).join(''),
  )
  for (const text of [
    'abcDEF123',
    'This host is not served on this connection. (reference abcDEF123)',
    JSON.stringify(record),
  ]) {
    const { code, stdout } = await ran('explain', text, '--log', 'journal.txt')
    assert.equal(code, 1, text)
    assert.match(
      stdout,
      /^because +holdfast_mtls_1 was asked for, and this listener serves mtls\.login\.example\.com$/m,
    )
    assert.match(stdout, /^mend .*proxy_set_header Host/m)
  }
  const nowhere = await ran('explain', 'other')
  assert.equal(nowhere.code, 3)
  assert.match(nowhere.stderr, /--log FILE/)
})

test('what is to be explained must be said, and only once', async () => {
  assert.equal((await ran('explain')).code, 2)
  assert.equal((await ran('explain', 'abc', '--cert', 'ca.pem')).code, 2)
  assert.equal((await ran('explain', '--cert', 'ca.pem', '--header', 'a: b')).code, 2)
  assert.equal((await ran('explain', '--header', 'no colon')).code, 2)
  assert.equal((await ran('explain', '--from', 'ngnix', '--header', 'a: b')).code, 2)
})
