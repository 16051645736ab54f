import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, createSecureContext, createServer, type Server } from 'node:tls'
import { promisify } from 'node:util'
import { createTestAuthority, listenOnLoopback, temporaryDirectory } from '@holdfast/testkit'
import { encodePkcs12 } from './encode-pkcs12.ts'

const authority = createTestAuthority()
const client = authority.issue({ commonName: 'acme' })
const privateKey = client.key.export({ format: 'der', type: 'pkcs8' })
const password = 'pässwörd ✓'

const directory = await temporaryDirectory({ after })

test('OpenSSL opens the file and finds certificates, key and name', () => {
  write('a.p12', password)
  const { stdout, stderr, status } = openssl('pkcs12', '-in', 'a.p12', '-passin', `pass:${password}`, '-noenc')
  assert.equal(status, 0, stderr)
  assert.equal(stdout.match(/-----BEGIN CERTIFICATE-----/g)?.length, 2)
  assert.match(stdout, /friendlyName: acme client/)
  const keyPem = /-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----/.exec(stdout)?.[0] ?? ''
  assert.deepEqual(createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' }), privateKey)
})

test('OpenSSL names the algorithms: PBES2, AES-256-CBC, PBKDF2 with HMAC-SHA-256, MAC of SHA-256', () => {
  write('b.p12', password)
  const { stderr } = openssl('pkcs12', '-in', 'b.p12', '-passin', `pass:${password}`, '-noout', '-info')
  assert.match(stderr, /MAC: sha256, Iteration 2048/)
  assert.equal(stderr.match(/PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256/g)?.length, 2)
})

test('OpenSSL refuses the file under another password', () => {
  write('c.p12', password)
  const { stderr, status } = openssl('pkcs12', '-in', 'c.p12', '-passin', 'pass:other', '-noout')
  assert.notEqual(status, 0)
  assert.match(stderr, /invalid password/)
})

for (const odd of ['', 'x'.repeat(200), '𝄞']) {
  test(`OpenSSL opens a file whose password is ${JSON.stringify(odd).slice(0, 12)}`, () => {
    write('d.p12', odd)
    const { stderr, status } = openssl('pkcs12', '-in', 'd.p12', '-passin', `pass:${odd}`, '-noout')
    assert.equal(status, 0, stderr)
  })
}

test('Node presents the certificate and its chain from the file in a handshake', async (t) => {
  const pfx = Buffer.from(write('e.p12', password))
  createSecureContext({ pfx, passphrase: password })
  const port = await listenOnLoopback(t, namesItsClient())
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: authority.rootPem,
    pfx,
    passphrase: password,
  })
  t.after(() => socket.destroy())
  assert.match(String(await socket.setEncoding('utf8').toArray()), /acme$/)
})

test('curl presents the certificate and its chain from the file', async (t) => {
  write('g.p12', 'changeit')
  writeFileSync(join(directory, 'root.pem'), authority.rootPem)
  const port = await listenOnLoopback(t, namesItsClient())
  const answer = await promisify(execFile)(
    'curl',
    [
      '-sS',
      '--cacert',
      'root.pem',
      '--cert-type',
      'P12',
      '--cert',
      'g.p12:changeit',
      `https://localhost:${String(port)}/`,
    ],
    { cwd: directory, encoding: 'utf8' },
  )
  assert.equal(answer.stdout, 'acme')
})

test('Java’s keytool lists the entry with its chain', (t) => {
  write('f.p12', 'changeit')
  const { stdout, error } = spawnSync('keytool', ['-list', '-v', '-keystore', 'f.p12', '-storepass', 'changeit'], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (error !== undefined) return t.skip('no keytool here')
  assert.match(stdout, /Alias name: acme client/)
  assert.match(stdout, /Entry type: PrivateKeyEntry/)
  assert.match(stdout, /Certificate chain length: 2/)
})

test('the same content and the same random octets make the same file', () => {
  const make = (): Uint8Array =>
    encodePkcs12(
      { certificates: [client.der], privateKey, password, iterations: 10 },
      (octets) => new Uint8Array(octets),
    )
  assert.deepEqual(make(), make())
})

/** Answers every connection with the client's common name, if the authority vouches for it. */
function namesItsClient(): Server {
  const tls = authority.issueServer(['localhost'])
  const server = createServer({
    cert: tls.chainPem,
    key: tls.keyPem,
    ca: authority.rootPem,
    requestCert: true,
    rejectUnauthorized: true,
  })
  server.on('secureConnection', (accepted) => {
    accepted.on('error', () => accepted.destroy())
    accepted.resume()
    accepted.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${String(accepted.getPeerCertificate().subject.CN)}`)
  })
  return server
}

function write(file: string, secret: string): Uint8Array {
  const p12 = encodePkcs12(
    {
      certificates: [client.der, ...client.chain],
      privateKey,
      password: secret,
      friendlyName: 'acme client',
      iterations: 2048,
    },
    (octets) => randomBytes(octets),
  )
  writeFileSync(join(directory, file), p12)
  return p12
}

function openssl(...command: string[]): { stdout: string; stderr: string; status: number | null } {
  return spawnSync('openssl', command, { cwd: directory, encoding: 'utf8' })
}
