import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createTestAuthority, listenOnLoopback, temporaryDirectory } from '@holdfast/testkit'
import { run } from '../run.ts'

const authority = createTestAuthority({ intermediate: 'no' })

test('a server that calls itself otherwise is told by the name that it gives itself', async (t) => {
  const { token, issuer } = await stage(t)
  const { code, complaint } = await token([`${issuer}/`])
  assert.equal(code, 1)
  assert.match(complaint, new RegExp(`^holdfast: the server is not ${issuer}/, but ${issuer}\n`))
  assert.match(complaint, /hint: .*letter by letter.*slash/)
})

for (const [what, files, expected] of [
  [
    'a key of another certificate',
    ['--cert', 'mine.pem', '--key', 'other.key'],
    /other\.key is not the private key of mine\.pem/,
  ],
  [
    'certificate and key in each other’s place',
    ['--cert', 'mine.key', '--key', 'mine.pem'],
    /--cert and --key in each other’s place/,
  ],
  [
    'a CA that is a key',
    ['--cert', 'mine.pem', '--key', 'mine.key', '--cacert', 'mine.key'],
    /mine\.key holds no certificate/,
  ],
] as const) {
  test(`${what} is told in the words of the command line`, async (t) => {
    const { token, issuer } = await stage(t)
    const { code, complaint } = await token([issuer, ...files])
    assert.equal(code, 2)
    assert.match(complaint, expected)
    assert.doesNotMatch(complaint, /routines|error:0/)
  })
}

test('a server that cannot be trusted is told in one line, and how to trust it', async (t) => {
  const { token, issuer } = await stage(t, 'unknown CA')
  const { code, complaint } = await token([issuer])
  assert.equal(code, 3)
  assert.doesNotMatch(complaint, /Node\.js/)
  assert.match(complaint, /hint: name the CA of the server with --cacert/)
})

async function stage(
  t: TestContext,
  trust: 'known CA' | 'unknown CA' = 'known CA',
): Promise<{
  readonly issuer: string
  readonly token: (words: readonly string[]) => Promise<{ readonly code: number; readonly complaint: string }>
}> {
  const folder = await temporaryDirectory(t)
  const own = authority.issueServer(['localhost'])
  const [mine, other] = [authority.issue(), authority.issue()]
  for (const [name, text] of Object.entries({
    'ca.pem': authority.rootPem,
    'mine.pem': mine.pem,
    'mine.key': mine.keyPem,
    'other.key': other.keyPem,
  }))
    writeFileSync(join(folder, name), text)
  const server = createServer({ cert: own.pem, key: own.keyPem }, (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }))
  })
  const issuer = `https://localhost:${await listenOnLoopback(t, server)}`
  const token = async (words: readonly string[]): Promise<{ code: number; complaint: string }> => {
    let complaint = ''
    const line = ['token', '--client-id', 'acme', ...words]
    if (trust === 'known CA' && !words.includes('--cacert')) line.push('--cacert', 'ca.pem')
    const code = await run(line, {
      stdout: { write: () => true },
      stderr: { write: (text: string) => (complaint += text) },
      environment: {},
      folder,
    })
    return { code, complaint }
  }
  return { issuer, token }
}
