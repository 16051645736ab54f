import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate, createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { type TLSSocket, connect, createServer } from 'node:tls'
import {
  type KeyKind,
  createSelfSignedCertificate,
  createTestAuthority,
  listenOnLoopback,
  temporaryDirectory,
} from '../index.ts'

test('a client certificate carries every kind of SAN, and OpenSSL verifies its chain', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const client = authority.issue({
    commonName: 'acme',
    san: {
      dns: ['acme.example'],
      uri: ['spiffe://acme.example/billing'],
      ip: ['192.0.2.7', '2001:db8::7'],
      email: ['billing@acme.example'],
      directory: [[{ type: 'CN', value: 'deep' }]],
    },
  })
  const read = new X509Certificate(client.pem)
  assert.equal(read.subject, 'CN=acme')
  assert.equal(
    read.subjectAltName,
    'DNS:acme.example, URI:spiffe://acme.example/billing, IP Address:192.0.2.7, ' +
      'IP Address:2001:DB8:0:0:0:0:0:7, email:billing@acme.example, DirName:CN=deep',
  )
  assert.equal(read.checkPrivateKey(client.key), true)
  assert.equal(client.thumbprint, createHash('sha256').update(read.raw).digest('base64url'))
  assert.equal(opensslVerify(directory, authority.rootPem, client, 'sslclient'), 'OK')
})

for (const key of ['ec-p256', 'ec-p384', 'ec-p521', 'rsa-2048', 'ed25519', 'ed448'] satisfies KeyKind[]) {
  test(`an authority on ${key} issues server certificates that OpenSSL verifies`, async (t) => {
    const directory = await temporaryDirectory(t)
    const authority = createTestAuthority({ key })
    const server = authority.issueServer(['localhost', 'mtls.localhost', '127.0.0.1', '::1'])
    assert.equal(opensslVerify(directory, authority.rootPem, server, 'sslserver'), 'OK')
    const read = new X509Certificate(server.der)
    assert.equal(read.checkHost('mtls.localhost'), 'mtls.localhost')
    assert.equal(read.checkIP('::1'), '::1')
  })
}

test('a certificate for client authentication alone is refused by OpenSSL as a server', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  assert.notEqual(opensslVerify(directory, authority.rootPem, authority.issue(), 'sslserver'), 'OK')
})

test('a certificate of another authority of the same name is refused by OpenSSL', async (t) => {
  const directory = await temporaryDirectory(t)
  assert.notEqual(
    opensslVerify(directory, createTestAuthority().rootPem, createTestAuthority().issue(), 'sslclient'),
    'OK',
  )
})

test('an expired certificate is refused by OpenSSL', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const expired = authority.issue({ notBefore: 1_704_067_200, notAfter: 1_704_067_201 })
  assert.notEqual(opensslVerify(directory, authority.rootPem, expired, 'sslclient'), 'OK')
})

test('a subject is written as RFC 4514 text has it, most particular part first', () => {
  const read = new X509Certificate(createTestAuthority().issue({ subject: 'CN=acme\\, inc,OU=a+L=b,O=Acme,C=DE' }).der)
  assert.deepEqual(read.subject.split('\n'), ['C=DE', 'O=Acme', 'L=b + OU=a', 'CN=acme\\, inc'])
})

test('a self-signed certificate verifies under its own key and names itself as issuer', () => {
  const own = createSelfSignedCertificate({ commonName: 'self', key: 'ed25519' })
  const read = new X509Certificate(own.der)
  assert.equal(read.issuer, read.subject)
  assert.equal(read.verify(read.publicKey), true)
  assert.equal(own.chainPem, own.pem)
})

test('a subordinate authority issues below the issuing CA', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const leaf = authority.issueAuthority().issue()
  assert.equal(leaf.chain.length, 2)
  assert.equal(opensslVerify(directory, authority.rootPem, leaf, 'sslclient'), 'OK')
})

test('a TLS handshake with both sides’ certificates is authorized on both sides', async (t) => {
  const authority = createTestAuthority()
  const serverCertificate = authority.issueServer(['localhost'])
  const clientCertificate = authority.issue({ commonName: 'acme' })
  const server = createServer({
    cert: serverCertificate.chainPem,
    key: serverCertificate.keyPem,
    ca: authority.rootPem,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const port = await listenOnLoopback(t, server)
  const accepted = once(server, 'secureConnection')
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: authority.rootPem,
    cert: clientCertificate.chainPem,
    key: clientCertificate.keyPem,
  })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  const [serverSide] = (await accepted) as [TLSSocket]
  t.after(() => serverSide.destroy())
  assert.equal(socket.authorized, true)
  assert.equal(serverSide.authorized, true)
  assert.deepEqual(new Uint8Array(serverSide.getPeerCertificate().raw), clientCertificate.der)
})

function opensslVerify(
  directory: string,
  rootPem: string,
  certificate: { readonly pem: string; readonly chainPem: string },
  purpose: 'sslclient' | 'sslserver',
): string {
  writeFileSync(join(directory, 'root.pem'), rootPem)
  writeFileSync(join(directory, 'chain.pem'), certificate.chainPem)
  writeFileSync(join(directory, 'leaf.pem'), certificate.pem)
  try {
    execFileSync(
      'openssl',
      ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'root.pem', '-untrusted', 'chain.pem', 'leaf.pem'],
      { cwd: directory, encoding: 'utf8', stdio: 'pipe' },
    )
    return 'OK'
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr)
  }
}
