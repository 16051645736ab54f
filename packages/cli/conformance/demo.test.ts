import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { DemoJson } from '../src/demo/demo-json.ts'
import { hasProgram, runHoldfast, startHoldfast, takenPort, temporaryFolder } from './holdfast-process.ts'

for (const style of ['subdomain', 'port'] as const)
  test(`demo --once tells the whole story, every step as told, and leaves nothing behind (${style} style)`, async (t) => {
    const temporary = temporaryFolder(t)
    const started = performance.now()
    const ended = await runHoldfast(t, ['demo', '--once', '--port', '0', '--style', style], {
      environment: { TMPDIR: temporary, HOLDFAST_ISSUER: 'https://elsewhere.example' },
    })
    assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr)
    assert.ok(performance.now() - started < 10_000, 'the story takes less than ten seconds')
    assert.equal(ended.stderr, '')
    assert.doesNotMatch(ended.stdout, /NOT AS TOLD|\u001b/)
    const told = [
      /\btls_client_auth\b/,
      /\bself_signed_tls_client_auth\b/,
      /\bprivate_key_jwt\b/,
      /\bnone\b/,
      /← {4}200 \{"hello":"orders-service"/,
      /← {4}401 [^\n]*invalid_token[^\n]*\n[^\n]*why [^\n]*token_certificate_mismatch/,
      /← {4}401 [^\n]*invalid_token[^\n]*\n[^\n]*why [^\n]*token_certificate_missing/,
      /← {4}401 invalid_client[^\n]*\n[^\n]*why [^\n]*certificate_subject_mismatch/,
      /← {4}401 invalid_client[^\n]*\n[^\n]*why [^\n]*certificate_untrusted/,
      /← {4}200 \{"active":true,"client_id":"orders-service","cnf":\{"x5t#S256":"/,
    ]
    let rest = ended.stdout
    for (const [index, pattern] of told.entries()) {
      const at = rest.search(pattern)
      assert.ok(at >= 0, `step ${index + 1} should show ${String(pattern)} in:\n${rest}`)
      rest = rest.slice(at + 1)
    }
    assert.deepEqual(readdirSync(temporary), [])
  })

test('the curl lines that demo prints work in another shell, and fail as told', async (t) => {
  if (!hasProgram(t, 'curl')) return
  const temporary = temporaryFolder(t)
  const demo = startHoldfast(t, ['demo', '--port', '0'], { environment: { TMPDIR: temporary } })
  const output = await demo.stdoutUntil(/WHAT YOU DO SHOWS UP HERE/)
  const blocks = printedCommands(output)
  assert.equal(blocks.length, 5)
  const script = blocks.map((block) => block.command).join('\nprintf "\\n-- next --\\n"\n')
  const ran = await shell(t, script)
  assert.equal(ran.exitCode, 0, ran.stderr)
  const answers = ran.stdout.split('\n-- next --\n')
  for (const [index, block] of blocks.entries()) {
    if (block.status === undefined) assert.equal(answers[index], '')
    else assert.match(answers[index] ?? '', new RegExp(`^HTTP/[0-9.]+ ${block.status}\\b`), block.caption)
  }
  assert.match(answers[1] ?? '', /"hello":"orders-service"/)
  assert.match(answers[2] ?? '', /www-authenticate: Bearer .*error="invalid_token"/i)
  assert.match(answers[3] ?? '', /www-authenticate: Bearer .*error="invalid_token"/i)
  assert.match(answers[4] ?? '', /"error":"invalid_client"/)

  const shown = await demo.stdoutUntil(/orders-service was refused: certificate_untrusted/)
  const live = shown.slice(shown.indexOf('WHAT YOU DO SHOWS UP HERE'))
  assert.match(live, /orders-service got a token, bound to the certificate [\w-]{8}…/)
  assert.match(live, /the API let orders-service in/)
  assert.match(live, /the API refused somebody: token_certificate_mismatch: /)
  assert.match(live, /the API refused somebody: token_certificate_missing: /)

  const stopping = performance.now()
  demo.signal('SIGINT')
  const ended = await demo.ended
  assert.equal(ended.exitCode, 0)
  assert.ok(performance.now() - stopping < 3000, 'Ctrl-C ends it at once')
  assert.deepEqual(readdirSync(temporary), [])
})

test('demo that is stopped in the middle of its story ends at once and cleans up', async (t) => {
  const temporary = temporaryFolder(t)
  const demo = startHoldfast(t, ['demo', '--port', '0'], { environment: { TMPDIR: temporary } })
  await demo.stdoutUntil(/ 1 {2}orders-service/)
  demo.signal('SIGINT')
  const ended = await demo.ended
  assert.doesNotMatch(ended.stdout, /NOT AS TOLD/)
  assert.ok(ended.exitCode === 3 || ended.stdout.includes('All 10 steps'), `exit ${ended.exitCode}`)
  assert.deepEqual(readdirSync(temporary), [])
})

test('demo --json prints one line, and what it names works for programs that are not ours', async (t) => {
  if (!hasProgram(t, 'curl')) return
  const { demo, json } = await startJsonDemo(t, ['--style', 'port'])
  assert.equal(json.pid, demo.pid)
  assert.equal(Number(new URL(json.mtls).port), Number(new URL(json.issuer).port) + 1)
  assert.deepEqual(
    json.clients.map((client) => client.token_endpoint_auth_method),
    ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt', 'none'],
  )
  for (const { key } of [...json.clients, ...json.strangers]) assert.equal(statSync(key).mode & 0o777, 0o600)

  for (const client of json.clients.filter((one) => one.token_endpoint_auth_method !== 'private_key_jwt')) {
    const tls = ['--cacert', json.ca, '--cert', client.cert, '--key', client.key]
    const form = ['-d', `grant_type=client_credentials&client_id=${client.client_id}`]
    const token = JSON.parse(curl([...tls, ...form, `${json.mtls}/token`])) as { readonly access_token?: string }
    assert.ok(token.access_token, client.token_endpoint_auth_method)
    const header = ['-H', `Authorization: Bearer ${token.access_token}`]
    assert.equal(statusOf([...tls, ...header, json.api]), 200, client.client_id)
    const [thief] = json.strangers
    const stolen = ['--cacert', json.ca, '--cert', thief!.cert, '--key', thief!.key]
    assert.equal(statusOf([...stolen, ...header, json.api]), 401)
    assert.equal(
      statusOf([...stolen, ...form, `${json.mtls}/token`]),
      client.token_endpoint_auth_method === 'none' ? 200 : 401,
    )
  }
  const ended = await stop(demo)
  assert.equal(ended.exitCode, 0)
  assert.equal(ended.stdout.split('\n').length, 2, 'one line on standard output')
})

test('the host for people never asks for a certificate, the host for programs does, on one port', async (t) => {
  if (!hasProgram(t, 'openssl')) return
  const { json } = await startJsonDemo(t, [])
  const issuer = new URL(json.issuer)
  assert.equal(new URL(json.mtls).port, issuer.port)
  const hello = (name: string): string =>
    spawnSync(
      'openssl',
      ['s_client', '-connect', `127.0.0.1:${issuer.port}`, '-servername', name, '-CAfile', json.ca, '-tls1_2'],
      {
        encoding: 'utf8',
        input: '',
      },
    ).stdout
  assert.match(hello('localhost'), /No client certificate CA names sent[\s\S]*Verification: OK/)
  assert.doesNotMatch(hello('localhost'), /Client Certificate Types/)
  assert.match(hello('mtls.localhost'), /Client Certificate Types/)
  assert.match(hello('api.localhost'), /Client Certificate Types/)
})

test('the configuration of a demo starts the server again', async (t) => {
  if (!hasProgram(t, 'curl')) return
  const folder = temporaryFolder(t)
  const { demo, json } = await startJsonDemo(t, [], folder)
  await stop(demo)
  assert.ok(existsSync(json.config), 'a folder that was asked for is kept')
  const checked = await runHoldfast(t, ['check', '--config', json.config])
  assert.equal(checked.exitCode, 0, checked.stdout + checked.stderr)
  const server = startHoldfast(t, ['serve', '--config', json.config])
  await server.stderrUntil(/listening/)
  const [client] = json.clients
  const tls = ['--cacert', json.ca, '--cert', client!.cert, '--key', client!.key]
  const form = ['-d', `grant_type=client_credentials&client_id=${client!.client_id}`]
  assert.match(curl([...tls, ...form, `${json.mtls}/token`]), /"access_token"/)
  assert.equal((await stop(server)).exitCode, 0)

  const again = await runHoldfast(t, ['demo', '--once', '--port', '0', '--dir', folder])
  assert.equal(again.exitCode, 0, 'a folder that a demo wrote is taken again')
})

test('a port that is taken is said, with a way out', async (t) => {
  const port = await takenPort(t)
  const temporary = temporaryFolder(t)
  const ended = await runHoldfast(t, ['demo', '--port', String(port)], { environment: { TMPDIR: temporary } })
  assert.equal(ended.exitCode, 3)
  assert.equal(ended.stdout, '')
  assert.equal(ended.stderr, `holdfast: port ${port} is taken\nhint: holdfast demo --port 0 takes a free one\n`)
})

test('a folder with something in it that no demo wrote is left alone', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'holdfast.yaml'), 'issuer: https://login.example.com\n')
  const ended = await runHoldfast(t, ['demo', '--port', '0', '--dir', folder])
  assert.equal(ended.exitCode, 2)
  assert.match(ended.stderr, /is not empty, and no demo wrote it\nhint: name an empty folder\n$/)
  assert.equal(readFileSync(join(folder, 'holdfast.yaml'), 'utf8'), 'issuer: https://login.example.com\n')
})

test('the folder of a demo that is still running is left alone, and is free when it has stopped', async (t) => {
  const folder = temporaryFolder(t)
  const first = startHoldfast(t, ['demo', '--port', '0', '--json', '--dir', folder])
  await first.stdoutUntil(/\n/)
  const ca = readFileSync(join(folder, 'ca.pem'), 'utf8')
  const second = await runHoldfast(t, ['demo', '--port', '0', '--json', '--once', '--dir', folder])
  assert.equal(second.exitCode, 2)
  assert.match(second.stderr, /is in use by a demo that is still running, process \d+\nhint: stop it, or name another/)
  assert.equal(readFileSync(join(folder, 'ca.pem'), 'utf8'), ca)

  first.signal('SIGINT')
  await first.ended
  const third = await runHoldfast(t, ['demo', '--port', '0', '--json', '--once', '--dir', folder])
  assert.equal(third.exitCode, 0, third.stderr)
})

interface PrintedCommand {
  readonly caption: string
  readonly status: number | undefined
  readonly command: string
}

/** The commands as a person would copy them: what stands below a caption, down to the empty line. */
function printedCommands(output: string): readonly PrintedCommand[] {
  const section = /TRY IT YOURSELF[^\n]*\n\n([\s\S]*?)\n\nWHERE TO GO/.exec(output)?.[1] ?? ''
  return section.split('\n\n').map((block) => {
    const [caption = '', ...command] = block.split('\n')
    const status = /: (\d{3})$/.exec(caption)?.[1]
    return {
      caption: caption.trim(),
      status: status === undefined ? undefined : Number(status),
      command: command.join('\n'),
    }
  })
}

async function startJsonDemo(t: TestContext, words: readonly string[], folder = temporaryFolder(t)) {
  const demo = startHoldfast(t, ['demo', '--json', '--port', '0', '--dir', folder, ...words])
  const json = JSON.parse(await demo.stdoutUntil(/\n/)) as DemoJson
  return { demo, json }
}

async function stop(running: ReturnType<typeof startHoldfast>) {
  running.signal('SIGTERM')
  return running.ended
}

function shell(t: TestContext, script: string): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.end(script)
  return new Promise((done) => child.once('close', (exitCode) => done({ exitCode, stdout, stderr })))
}

function curl(words: readonly string[]): string {
  const ended = spawnSync('curl', ['-sS', ...words], { encoding: 'utf8' })
  assert.equal(ended.status, 0, ended.stderr)
  return ended.stdout
}

function statusOf(words: readonly string[]): number {
  return Number(curl(['-o', '/dev/null', '-w', '%{http_code}', ...words]))
}
