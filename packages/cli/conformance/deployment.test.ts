import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loopbackAddresses } from '../src/deployment/addresses.ts'
import { freePorts } from '../src/deployment/free-ports.ts'
import { type Ended, playHoldfast, startHoldfast, temporaryFolder } from './holdfast-process.ts'

test('from an empty folder to a token: init, check, serve, token, explain, keys', async (t) => {
  const { folder, holdfast } = await deployment(t)
  assert.match((await holdfast('check')).stdout, /ok: holdfast\.yaml is right/)

  const none = await holdfast('keys', 'list')
  assert.deepEqual(
    [none.stdout, none.stderr],
    ['', 'no signing key yet: the server makes the first one when it starts\n'],
  )

  const server = startHoldfast(t, ['serve', '--json'], { folder })
  const up = JSON.parse(await server.stdoutUntil(/\n/)) as { issuer: string; listening: string[]; pid: number }
  assert.equal(up.pid, server.pid)
  await server.stderrUntil(new RegExp(`holdfast: ${up.issuer}, listening on ${up.listening[0]}`))

  const asked = await holdfast('token', up.issuer, ...clientWords(''))
  assert.match(asked.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  assert.match(
    asked.stderr,
    /^from {6}https:\/\/mtls\.localhost:\d+\/token\nbinding {3}good only with the certificate [\w-]{8}…\nexpires/,
  )
  const quiet = await holdfast('token', up.issuer, ...clientWords(''), '--quiet')
  assert.equal(quiet.stderr, '')
  const json = JSON.parse((await holdfast('token', up.issuer, ...clientWords(''), '--json')).stdout) as Record<
    string,
    string
  >
  assert.equal(json['binding'], 'bound')
  assert.equal(json['x5t#S256'], (await holdfast('cert', 'thumbprint', 'first-client.pem')).stdout.trim())

  const refused = await holdfast('token', up.issuer, ...clientWords('server'))
  assert.equal(refused.exitCode, 1)
  assert.equal(refused.stdout, '')
  const reference = /holdfast explain ([\w-]+)/.exec(refused.stderr)?.[1]
  assert.ok(reference, refused.stderr)
  const why = await holdfast('explain', reference)
  assert.equal(why.exitCode, 1)
  assert.match(why.stdout, /refused +certificate_untrusted\nbecause .*not for client authentication/)
  const issued = auditOf(folder).find((event) => event['event'] === 'token_issued')
  assert.equal((await holdfast('explain', String(issued?.['correlationId']))).exitCode, 0)
  assert.equal((await holdfast('explain', 'no-such-reference')).exitCode, 3)

  const [first] = (await holdfast('keys', 'list')).stdout.split('\n')
  assert.match(first ?? '', /^[\w-]{8}… {2}ES256 {2}signs$/)
  assert.match((await holdfast('keys', 'rotate')).stdout, /^[\w-]{8}… {2}ES256 {2}published, signs from \d{4}-/)
  assert.equal((await holdfast('keys', 'list')).stdout.trim().split('\n').length, 2)
  assert.equal((await holdfast('token', up.issuer, ...clientWords(''))).exitCode, 0, 'a rotation fails no request')

  server.signal('SIGTERM')
  const ended = await server.ended
  assert.equal(ended.exitCode, 0)
  assert.equal(ended.stdout.split('\n').length, 2)
  const gone = await holdfast('token', up.issuer, ...clientWords(''))
  assert.equal(gone.exitCode, 3, 'nobody there is not a no')
})

test('SIGHUP takes a good configuration over, and keeps the old one when the new one is wrong', async (t) => {
  const { folder, holdfast } = await deployment(t)
  const server = startHoldfast(t, ['serve', '--json'], { folder })
  const { issuer } = JSON.parse(await server.stdoutUntil(/\n/)) as { issuer: string }
  const config = join(folder, 'holdfast.yaml')
  const before = readFileSync(config, 'utf8')

  writeFileSync(config, before.replace('client_id: first-client', 'client_id: renamed'))
  server.signal('SIGHUP')
  await server.stderrUntil(/holdfast: configuration read anew/)
  assert.equal((await holdfast('token', issuer, ...clientWords(''))).exitCode, 1)
  assert.equal((await holdfast('token', issuer, ...clientWords('', 'renamed'))).exitCode, 0)

  writeFileSync(config, before.replace('trust: development', 'trust: elsewhere'))
  server.signal('SIGHUP')
  await server.stderrUntil(
    /holdfast: the configuration was not taken over, all goes on as before\nholdfast\.yaml:\d+: clients\[0\]\.trust: /,
  )
  assert.equal((await holdfast('token', issuer, ...clientWords('', 'renamed'))).exitCode, 0)
  server.signal('SIGINT')
  assert.equal((await server.ended).exitCode, 0)
})

test('explain makes the decision of the server without the server', async (t) => {
  const { holdfast } = await deployment(t)
  const good = await holdfast('explain', '--client-id', 'first-client', '--cert', 'first-client.pem')
  assert.equal(good.exitCode, 0, good.stderr)
  assert.match(
    good.stdout,
    /✓ trust .*\n +CN=first-client\.example \[presented\] ✓\n +└─ CN=Holdfast Development CA \[anchor\] ✓\n/,
  )
  assert.match(good.stdout, /let in: a token until .*, good only with the certificate [\w-]{8}…/)

  const late = await holdfast(
    'explain',
    '--client-id',
    'first-client',
    '--cert',
    'first-client.pem',
    '--at',
    '2050-01-01',
  )
  assert.equal(late.exitCode, 1)
  assert.match(late.stdout, /✗ trust .*expired at /)

  const bare = await holdfast('explain', '--client-id', 'first-client')
  assert.match(bare.stdout, /✗ certificate +tls_client_auth needs a certificate, and the connection had none\n/)
  assert.match(bare.stdout, /refused: certificate_missing\nthe client is told: 401 invalid_client\n/)

  const json = await holdfast('explain', '--client-id', 'nobody', '--cert', 'first-client.pem', '--json')
  assert.deepEqual([json.exitCode, (JSON.parse(json.stdout) as { reason: string }).reason], [1, 'client_unknown'])

  const header = await holdfast('explain', '--client-id', 'first-client', '--header', 'X-SSL-CERT: x')
  assert.equal(header.exitCode, 1)
  assert.match(header.stderr, /no listener takes a certificate from the header x-ssl-cert\nhint: /)
})

test('explain reads the header of the listener that takes it, and says why it is not believed', async (t) => {
  const { folder, holdfast } = await deployment(t)
  const config = join(folder, 'holdfast.yaml')
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace(
      /^trust:/m,
      `  - address: unix:./mtls.sock
    hosts: [mtls.localhost]
    client-certificate: { from: nginx }
trust:`,
    ),
  )
  const pem = readFileSync(join(folder, 'first-client.pem'), 'utf8')
  const line = `X-SSL-CERT: ${encodeURIComponent(pem)}`
  const good = await holdfast('explain', '--client-id', 'first-client', '--header', line)
  assert.equal(good.exitCode, 0, good.stdout + good.stderr)
  assert.match(good.stdout, /from what the header x-ssl-cert holds/)
  const broken = await holdfast('explain', '--client-id', 'first-client', '--header', line.slice(0, -40))
  assert.equal(broken.exitCode, 1)
  assert.match(broken.stdout, /refused: certificate_source_refused/)
})

test('a configuration that names what is not there does not start, and says everything at once', async (t) => {
  const { folder, holdfast } = await deployment(t)
  spawnSync('rm', [join(folder, 'ca.pem'), join(folder, 'server.key')])
  for (const word of ['check', 'serve']) {
    const ended = word === 'check' ? await holdfast(word) : await startHoldfast(t, [word], { folder }).ended
    assert.equal(ended.exitCode, word === 'check' ? 1 : 2)
    const told = ended.stdout + ended.stderr
    assert.match(told, /holdfast\.yaml:\d+: trust\.development\.anchors\[0\]: .*ca\.pem: there is no such file/)
    assert.match(told, /holdfast\.yaml:\d+: listeners\[0\]\.tls\.key: .*server\.key: there is no such file/)
    assert.doesNotMatch(told, /\n {4}at /)
  }
})

/** A folder as `holdfast init` leaves it, on a port of its own. */
async function deployment(t: TestContext) {
  const folder = temporaryFolder(t)
  const holdfast = (...words: readonly string[]): Promise<Ended> => playHoldfast(words, folder)
  const made = await holdfast('init')
  assert.equal(made.exitCode, 0, made.stderr)
  const config = join(folder, 'holdfast.yaml')
  const port = await freePorts(loopbackAddresses(), 1)
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll('8443', String(port)))
  return { folder, holdfast }
}

function clientWords(certificate: '' | 'server', clientId = 'first-client'): readonly string[] {
  const name = certificate === '' ? 'first-client' : certificate
  return ['--client-id', clientId, '--cert', `${name}.pem`, '--key', `${name}.key`, '--cacert', 'ca.pem']
}

function auditOf(folder: string): readonly Record<string, unknown>[] {
  return readFileSync(join(folder, 'audit.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
