import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestAuthority, temporaryDirectory, type TestCertificate } from '@holdfast/testkit'
import {
  checkRevocation,
  createAnchorSet,
  decodePem,
  encodeOcspRequest,
  parseCertificate,
  parseCertificateRevocationList,
  parseOcspResponse,
  type RevocationEvidence,
  validatePath,
} from '@holdfast/x509'
import { extendedKeyUsageExtension } from '@holdfast/x509/issue'

const skip = spawnSync('openssl', ['version']).status !== 0 ? 'openssl is not on this machine' : false
const authority = createTestAuthority({ intermediate: 'no' })
const [good, revoked, unlisted] = ['good', 'revoked', 'unlisted'].map((commonName) =>
  authority.issue({ commonName }),
) as [TestCertificate, TestCertificate, TestCertificate]
const responder = authority.issue({ commonName: 'responder', extensions: [extendedKeyUsageExtension(['OCSPSigning'])] })
const now = Math.floor(Date.now() / 1000)

test('a CRL that openssl ca made tells good from revoked', { skip }, async (t) => {
  const directory = await certificationDirectory(t)
  openssl(directory, ['ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem', '-crldays', '7'])
  const blocks = decodePem(readFileSync(join(directory, 'crl.pem'), 'utf8'), 'X509 CRL')
  assert.ok(blocks.ok)
  const crl = parseCertificateRevocationList(blocks.value[0]!)
  assert.ok(crl.ok)
  assert.equal(verdict(good, { crls: [crl.value] }), 'good')
  assert.equal(verdict(revoked, { crls: [crl.value] }), 'certificate_revoked keyCompromise')
})

test('an OCSP request is octet for octet the one that openssl makes', { skip }, async (t) => {
  const directory = await certificationDirectory(t)
  openssl(directory, ['ocsp', '-issuer', 'ca.pem', '-cert', 'good.pem', '-no_nonce', '-reqout', 'request.der'])
  const request = encodeOcspRequest(read(good.der), read(authority.rootDer))
  assert.deepEqual(Buffer.from(request), readFileSync(join(directory, 'request.der')))
})

for (const signer of ['issuer', 'delegated responder'] as const) {
  test(`openssl ocsp, signing as ${signer}, answers our request: good, revoked, unknown`, { skip }, async (t) => {
    const directory = await certificationDirectory(t)
    for (const [certificate, expected] of [
      [good, 'good'],
      [revoked, 'certificate_revoked keyCompromise'],
      [unlisted, 'revocation_unknown ocsp_status_unknown'],
    ] as const) {
      const nonce = randomBytes(16)
      const answer = respond(
        directory,
        encodeOcspRequest(read(certificate.der), read(authority.rootDer), nonce),
        signer,
      )
      const response = parseOcspResponse(answer)
      assert.ok(response.ok)
      assert.deepEqual(response.value.nonce && Buffer.from(response.value.nonce), nonce)
      assert.equal(verdict(certificate, { ocspResponses: [response.value] }), expected)
    }
  })
}

test(
  'an answer about one certificate says nothing about another, and one with a bad signature says nothing at all',
  { skip },
  async (t) => {
    const directory = await certificationDirectory(t)
    const request = encodeOcspRequest(read(good.der), read(authority.rootDer))
    const answer = parseOcspResponse(respond(directory, request, 'issuer'))
    const forged = parseOcspResponse(respond(directory, request, 'issuer', ['-badsig']))
    assert.ok(answer.ok && forged.ok)
    assert.equal(verdict(revoked, { ocspResponses: [answer.value] }), 'revocation_unknown ocsp_certificate_not_covered')
    assert.equal(verdict(good, { ocspResponses: [forged.value] }), 'revocation_unknown ocsp_signature_invalid')
  },
)

test('a responder’s own error is a failure with its name', { skip }, async (t) => {
  const directory = await certificationDirectory(t)
  writeFileSync(join(directory, 'request.der'), 'nonsense')
  const bytes = Uint8Array.of(0x30, 3, 0x0a, 1, 3)
  assert.deepEqual(parseOcspResponse(bytes), {
    ok: false,
    failure: { reason: 'ocsp_not_successful', status: 'tryLater' },
  })
})

function verdict(certificate: TestCertificate, evidence: RevocationEvidence): string {
  const anchors = createAnchorSet({ name: 'test', anchors: [authority.rootDer] })
  assert.ok(anchors.ok)
  const path = validatePath(read(certificate.der), [], anchors.value, { now })
  assert.ok(path.ok)
  const status = checkRevocation(path.value, evidence, anchors.value, {
    now: Math.floor(Date.now() / 1000),
    mode: 'hard',
  })
  if (status.ok) return 'good'
  const { failure } = status
  return failure.reason === 'certificate_revoked'
    ? `${failure.reason} ${failure.revocationReason}`
    : `${failure.reason} ${failure.problems.join()}`
}

function respond(
  directory: string,
  request: Uint8Array,
  signer: 'issuer' | 'delegated responder',
  further: readonly string[] = [],
): Uint8Array {
  writeFileSync(join(directory, 'request.der'), request)
  const [certificate, key] = signer === 'issuer' ? ['ca.pem', 'ca.key'] : ['responder.pem', 'responder.key']
  openssl(directory, [
    'ocsp',
    '-index',
    'index.txt',
    '-CA',
    'ca.pem',
    '-rsigner',
    certificate,
    '-rkey',
    key,
    '-reqin',
    'request.der',
    '-respout',
    'response.der',
    '-ndays',
    '1',
    ...further,
  ])
  return readFileSync(join(directory, 'response.der'))
}

async function certificationDirectory(t: Parameters<typeof temporaryDirectory>[0]): Promise<string> {
  const directory = await temporaryDirectory(t)
  const files = { ca: authority.root, good, revoked, responder }
  for (const [name, { pem, keyPem }] of Object.entries(files)) {
    writeFileSync(join(directory, `${name}.pem`), pem)
    writeFileSync(join(directory, `${name}.key`), keyPem)
  }
  const serial = (certificate: TestCertificate): string =>
    Buffer.from(read(certificate.der).serialNumber).toString('hex').toUpperCase()
  const line = (status: string, revocation: string, certificate: TestCertificate): string =>
    [status, '491231235959Z', revocation, serial(certificate), 'unknown', `/CN=${serial(certificate)}`].join('\t')
  writeFileSync(
    join(directory, 'index.txt'),
    `${line('V', '', good)}\n${line('R', '240601000000Z,keyCompromise', revoked)}\n${line('V', '', responder)}\n`,
  )
  writeFileSync(join(directory, 'crlnumber'), '01\n')
  writeFileSync(
    join(directory, 'ca.cnf'),
    '[ca]\ndefault_ca = it\n[it]\ndatabase = index.txt\ncrlnumber = crlnumber\ndefault_md = sha256\ncertificate = ca.pem\nprivate_key = ca.key\ncrl_extensions = extensions\n[extensions]\nauthorityKeyIdentifier = keyid\n',
  )
  return directory
}

function openssl(directory: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
}

function read(der: Uint8Array): ReturnType<typeof unwrap> {
  return unwrap(parseCertificate(der))
}

function unwrap(parsed: ReturnType<typeof parseCertificate>): Extract<typeof parsed, { ok: true }>['value'] {
  assert.ok(parsed.ok)
  return parsed.value
}
