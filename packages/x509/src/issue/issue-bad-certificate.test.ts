import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { certificatePem, createKeyPool, createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import { type BadCertificateKind, badCertificateKinds } from './issue-bad-certificate.ts'

const directory = await temporaryDirectory({ after })
const authority = createTestAuthority()
writeFileSync(join(directory, 'root.pem'), authority.rootPem)
writeFileSync(join(directory, 'chain.pem'), authority.issue().chainPem)

const refusals: { readonly [Kind in BadCertificateKind]: RegExp } = {
  expired: /certificate has expired/,
  'not-yet-valid': /certificate is not yet valid/,
  'server-auth-only': /certificate purpose/,
  'wrong-purpose': /certificate purpose/,
  'wrong-ca': /certificate signature failure/,
  'ca-as-leaf': /leaf\.pem: OK/,
  'weak-signature': /CA signature digest algorithm too weak|leaf\.pem: OK/,
  'broken-signature': /certificate signature failure/,
  'unknown-critical-extension': /unhandled critical extension/,
}

for (const [kind, refusal] of Object.entries(refusals) as [BadCertificateKind, RegExp][]) {
  test(`a certificate of kind ${kind} ${badCertificateKinds[kind]}, and so OpenSSL finds it`, () => {
    const bad = authority.issueBad(kind)
    assert.match(verify(bad.der), refusal)
    assert.match(verify(authority.issue().der), /leaf\.pem: OK/)
  })
}

test('a certificate of kind ca-as-leaf is a CA, one of kind weak-signature is signed over SHA-1', () => {
  assert.match(text(authority.issueBad('ca-as-leaf').der), /CA:TRUE/)
  assert.match(text(authority.issueBad('weak-signature').der), /ecdsa-with-SHA1/)
  const rsa = createTestAuthority({ key: 'rsa-2048', intermediate: 'no' })
  assert.match(text(rsa.issueBad('weak-signature', { key: 'ec-p256' }).der), /sha1WithRSAEncryption/)
})

test('a key that knows no SHA-1 makes no weak signature', () => {
  const authority = createTestAuthority({ key: 'ed25519' })
  assert.throws(() => authority.issueBad('weak-signature', { key: createKeyPool().take('ed25519') }), RangeError)
})

function verify(der: Uint8Array): string {
  writeFileSync(join(directory, 'leaf.pem'), certificatePem(der))
  return openssl('verify', '-purpose', 'sslclient', '-CAfile', 'root.pem', '-untrusted', 'chain.pem', 'leaf.pem')
}

function text(der: Uint8Array): string {
  writeFileSync(join(directory, 'text.pem'), certificatePem(der))
  return openssl('x509', '-in', 'text.pem', '-noout', '-text')
}

function openssl(...command: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', command, { cwd: directory, encoding: 'utf8' })
  return `${stdout}${stderr}`
}
