import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createTestAuthority, spkiOf, temporaryDirectory } from '@holdfast/testkit'
import { ocspNoCheckExtension } from './certificate-extension.ts'
import {
  type OcspResponseTemplate,
  type SingleResponseTemplate,
  issueOcspResponse,
  ocspErrorResponse,
} from './issue-ocsp-response.ts'

const authority = createTestAuthority({ intermediate: 'no' })
const serialNumber = Uint8Array.of(0xfe, 1)
const leaf = authority.issue({ serialNumber })
const responder = authority.issue({
  commonName: 'responder',
  eku: ['OCSPSigning'],
  extensions: [ocspNoCheckExtension()],
})
const rsaAuthority = createTestAuthority({ intermediate: 'no', key: 'rsa-2048', name: 'RSA' })
const now = Math.floor(Date.now() / 1000)
const certificate = { issuer: authority.root.subject, issuerKey: spkiOf(authority.root.key), serialNumber }
const single: SingleResponseTemplate = {
  certificate,
  status: 'good',
  thisUpdate: now - 60,
  nextUpdate: now + 3600,
}
const template: OcspResponseTemplate = {
  producedAt: now,
  responder: { name: authority.root.subject },
  responses: [single],
}

const directory = await temporaryDirectory({ after })
writeFileSync(join(directory, 'root.pem'), authority.rootPem)
writeFileSync(join(directory, 'leaf.pem'), leaf.pem)
writeFileSync(join(directory, 'rsa-root.pem'), rsaAuthority.rootPem)

test('OpenSSL verifies an answer of the CA itself: good', () => {
  const said = ask(issueOcspResponse(template, { privateKey: authority.root.key }))
  assert.match(said, /Response verify OK/)
  assert.match(said, /leaf\.pem: good/)
})

test('OpenSSL verifies an answer about a SHA-256 certificate id', () => {
  const response = { ...single, certificate: { ...certificate, hash: 'sha256' as const } }
  const said = ask(
    issueOcspResponse({ ...template, responses: [response] }, { privateKey: authority.root.key }),
    '-sha256',
  )
  assert.match(said, /leaf\.pem: good/)
})

test('OpenSSL verifies a delegated responder’s answer, known by its key: revoked, with time and reason', () => {
  const said = ask(
    issueOcspResponse(
      {
        ...template,
        responder: { key: spkiOf(responder.key) },
        responses: [{ ...single, status: { revokedAt: Date.UTC(2026, 0, 1) / 1000, reason: 'keyCompromise' } }],
        certificates: [responder.der],
      },
      { privateKey: responder.key },
    ),
  )
  assert.match(said, /Response verify OK/)
  assert.match(said, /leaf\.pem: revoked/)
  assert.match(said, /Reason: keyCompromise/)
  assert.match(said, /Revocation Time: Jan {2}1 00:00:00 2026 GMT/)
})

test('OpenSSL reads the status unknown', () => {
  assert.match(
    ask(
      issueOcspResponse(
        { ...template, responses: [{ ...single, status: 'unknown' }] },
        { privateKey: authority.root.key },
      ),
    ),
    /leaf\.pem: unknown/,
  )
})

test('OpenSSL refuses an answer that a stranger signed', () => {
  assert.match(ask(issueOcspResponse(template, { privateKey: leaf.key })), /Response Verify Failure/)
})

test('OpenSSL reads the nonce and verifies an RSA signature', () => {
  const rsa = rsaAuthority.root
  writeFileSync(
    join(directory, 'response.der'),
    issueOcspResponse(
      {
        ...template,
        responder: { name: rsa.subject },
        nonce: Uint8Array.of(1, 2, 3, 4),
        responses: [{ ...single, certificate: { ...certificate, issuer: rsa.subject, issuerKey: spkiOf(rsa.key) } }],
      },
      { privateKey: rsa.key },
    ),
  )
  const said = openssl(
    'ocsp',
    '-respin',
    'response.der',
    '-text',
    '-CAfile',
    'rsa-root.pem',
    '-verify_other',
    'rsa-root.pem',
  )
  assert.match(said, /OCSP Nonce:\s+\S*01020304/)
  assert.match(said, /sha256WithRSAEncryption/)
  assert.match(said, /Response verify OK/)
})

for (const [status, number] of [
  ['malformedRequest', 1],
  ['internalError', 2],
  ['tryLater', 3],
  ['sigRequired', 5],
  ['unauthorized', 6],
] as const) {
  test(`RFC 6960 §4.2.1  an OCSP error of ${status} is status ${String(number)}`, () => {
    assert.deepEqual([...ocspErrorResponse(status)], [0x30, 3, 0x0a, 1, number])
  })
}

function ask(response: Uint8Array, ...options: string[]): string {
  writeFileSync(join(directory, 'response.der'), response)
  return openssl(
    'ocsp',
    '-respin',
    'response.der',
    '-issuer',
    'root.pem',
    ...options,
    '-cert',
    'leaf.pem',
    '-CAfile',
    'root.pem',
    '-no_nonce',
  )
}

function openssl(...command: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', command, { cwd: directory, encoding: 'utf8' })
  return `${stdout}${stderr}`
}
