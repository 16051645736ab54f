import assert from 'node:assert/strict'
import test from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { certificateHeaderSettings } from '../certificate-header-settings.ts'
import type { ClientCertificateOptions } from '../edge-options.ts'
import { certificateHeaderPresets } from './certificate-header-preset.ts'
import { certificateHeaderReader } from './certificate-header-reader.ts'
import type { CertificateHeaderReader, CertificateHeaderValues } from './certificate-header-reader.ts'

const authority = createTestAuthority()
const leaf = authority.issue({ commonName: 'client' })
const base64 = Buffer.from(leaf.der).toString('base64')
const escaped = encodeURIComponent(leaf.pem)

test('RFC8705-M13 a header in the preset’s format gives the certificate with its thumbprint and where it came from', () => {
  const reading = reader({ from: 'nginx' }).read(
    values({ certificate: escaped, verdict: 'FAILED:self-signed certificate' }),
  )
  assert.ok(reading.ok)
  const { certificate } = reading.value
  assert.deepEqual(Buffer.from(certificate?.der ?? []), Buffer.from(leaf.der))
  assert.equal(certificate?.thumbprint, leaf.thumbprint)
  assert.deepEqual(certificate?.chain, [])
  assert.deepEqual(certificate?.source, {
    kind: 'header',
    preset: 'nginx',
    header: 'x-ssl-cert',
    verdict: 'FAILED:self-signed certificate',
  })
})

test('every spelling of "no certificate" is none and no failure', () => {
  for (const certificate of [undefined, '', '(null)', '-']) {
    for (const from of ['nginx', 'apache', 'rfc9440', 'caddy'] as const) {
      const reading = reader({ from }).read(values({ certificate }))
      assert.deepEqual(
        reading,
        { ok: true, value: { certificate: undefined, withheld: undefined } },
        `${from} ${certificate}`,
      )
    }
  }
})

test('a terminator that had a certificate and could not give it is reported as withheld', () => {
  for (const [from, certificate] of [
    ['rfc9440', '::'],
    ['haproxy-rfc9440', '::'],
    ['caddy-rfc9440', ':{http.request.tls.client.certificate_der_base64}:'],
    ['caddy', '{http.request.tls.client.certificate_der_base64}'],
  ] as const) {
    const reading = reader({ from }).read(values({ certificate }))
    assert.deepEqual(reading, { ok: true, value: { certificate: undefined, withheld: certificate } })
  }
})

test('a value in another preset’s format is refused: nothing sniffs', () => {
  const spellings = {
    'base64-der': base64,
    'base64-der-list': `${base64},${base64}`,
    rfc9440: `:${base64}:`,
    'pem-urlencoded': escaped,
    'pem-flat': leaf.pem.trimEnd().replaceAll('\n', ' '),
    xfcc: `Cert="${escaped}"`,
  }
  for (const from of ['nginx', 'rfc9440', 'yarp', 'apache', 'envoy', 'traefik'] as const) {
    const { decoder } = certificateHeaderPresets[from]
    for (const [format, certificate] of Object.entries(spellings)) {
      const reading = reader({ from }).read(values({ certificate }))
      const sameText = decoder === 'base64-der-list' && format === 'base64-der'
      if (format === decoder || sameText) assert.ok(reading.ok, `${from} ${format}`)
      else
        assert.equal(reading.ok ? 'taken' : reading.failure.reason, 'certificate_header_malformed', `${from} ${format}`)
    }
  }
})

test('a value longer than the preset’s limit is refused before it is decoded', () => {
  const reading = reader({ from: 'nginx' }).read(values({ certificate: 'A'.repeat(65_537) }))
  assert.deepEqual(reading, {
    ok: false,
    failure: { reason: 'certificate_header_too_long', header: 'x-ssl-cert', length: 65_537, limit: 65_536 },
  })
})

test('a leaf above 16 KB and more than five certificates are refused', () => {
  const big = Buffer.concat([Buffer.from([0x30, 0x82, 0x40, 0x00]), Buffer.alloc(0x4000)])
  assert.deepEqual(failure(reader({ from: 'yarp' }).read(values({ certificate: big.toString('base64') }))), {
    reason: 'certificate_too_large',
    length: 16_388,
    limit: 16_384,
  })
  const chain = Array.from({ length: 5 }, () => `:${base64}:`).join(', ')
  assert.deepEqual(failure(reader({ from: 'rfc9440' }).read(values({ certificate: `:${base64}:`, chain }))), {
    reason: 'certificate_chain_too_long',
    count: 6,
    limit: 5,
  })
})

test('a chain comes from the preset’s second header, in that header’s own format', () => {
  const issuing = authority.issuing.der
  const chain = Buffer.concat([issuing, authority.rootDer]).toString('base64')
  const reading = reader({ from: 'haproxy' }).read(values({ certificate: base64, chain }))
  assert.ok(reading.ok)
  assert.deepEqual(
    reading.value.certificate?.chain.map((der) => Buffer.from(der)),
    [Buffer.from(issuing), Buffer.from(authority.rootDer)],
  )
  assert.deepEqual(failure(reader({ from: 'rfc9440' }).read(values({ chain: `:${base64}:` }))), {
    reason: 'certificate_chain_without_leaf',
    header: 'client-cert-chain',
  })
})

test('a verdict that is required and missing refuses the request; one that contradicts the certificate as well', () => {
  const required = reader({ from: 'nginx', verdict: 'required' })
  assert.deepEqual(failure(required.read(values({ certificate: escaped }))), {
    reason: 'certificate_verdict_missing',
    header: 'x-ssl-verify',
  })
  assert.ok(required.read(values({ certificate: escaped, verdict: 'SUCCESS' })).ok)
  assert.ok(required.read(values({ verdict: 'NONE' })).ok)
  assert.equal(
    failure(required.read(values({ certificate: escaped, verdict: 'NONE' })))?.reason,
    'certificate_verdict_contradicts',
  )
  assert.equal(failure(required.read(values({ verdict: 'SUCCESS' })))?.reason, 'certificate_verdict_contradicts')
})

test('the same header gives the same object again, another verdict or chain a new one', () => {
  const nginx = reader({ from: 'nginx' })
  const first = nginx.read(values({ certificate: escaped, verdict: 'SUCCESS' }))
  const again = nginx.read(values({ certificate: `${escaped} `.trimEnd(), verdict: 'SUCCESS' }))
  assert.equal(first, again)
  const failed = nginx.read(values({ certificate: escaped, verdict: 'FAILED:x' }))
  assert.ok(failed.ok && failed.value.certificate?.source.kind === 'header')
  assert.equal(failed.value.certificate.source.verdict, 'FAILED:x')
})

test('a certificate that is known is found in less than a microsecond and a half of CPU time', () => {
  const nginx = reader({ from: 'nginx' })
  const spellings = Array.from({ length: 200 }, () => encodeURIComponent(authority.issue({ key: leaf.key }).pem))
  for (const certificate of spellings) nginx.read(values({ certificate }))
  const rounds = 200
  const request = { certificate: '', chain: undefined, verdict: undefined }
  const times = Array.from({ length: 5 }, () => {
    // Each request brings its own string: node:http makes a new one from the wire.
    const fresh = spellings.flatMap((text) =>
      Array.from({ length: rounds / 10 }, () => Buffer.from(text).toString('latin1')),
    )
    const start = process.cpuUsage().user
    for (const certificate of fresh) {
      request.certificate = certificate
      nginx.read(request)
    }
    return (process.cpuUsage().user - start) / fresh.length
  })
  const best = Math.min(...times)
  assert.ok(best < 1.5, `${best.toFixed(2)} µs`)
})

test('presets can be renamed where the terminator lets the operator choose, and only there', () => {
  assert.equal(certificateHeaderSettings({ from: 'nginx', header: 'X-Cert' }, 'c').header, 'x-cert')
  assert.throws(() => certificateHeaderSettings({ from: 'azure-app-service', header: 'x-cert' }, 'c'), /c\.header/)
  assert.throws(() => certificateHeaderSettings({ from: 'nginx', chainHeader: 'x-chain' }, 'c'), /c\.chainHeader/)
  assert.throws(() => certificateHeaderSettings({ from: 'yarp', verdict: 'required' }, 'c'), /c\.verdict/)
  assert.throws(() => certificateHeaderSettings({ from: 'nginx', header: 'no good' }, 'c'), /no header name/)
  assert.throws(() => certificateHeaderSettings({ from: 'nginx', header: 'x-ssl-verify' }, 'c'), /two meanings/)
  assert.throws(() => certificateHeaderSettings({ from: 'ngnix' as 'nginx' }, 'c'), /"ngnix"/)
})

test('every preset names a header in lower case, a limit, and explains itself', () => {
  for (const [name, preset] of Object.entries(certificateHeaderPresets)) {
    assert.match(preset.header, /^[a-z0-9-]+$/, name)
    assert.equal(preset.chainHeader === undefined, preset.chainDecoder === undefined, name)
    assert.ok(preset.maxBytes <= 65_536 && preset.notes.length > 20, name)
    certificateHeaderSettings({ from: name as 'nginx' }, name)
  }
})

function reader(options: ClientCertificateOptions): CertificateHeaderReader {
  return certificateHeaderReader(certificateHeaderSettings(options, 'clientCertificate'))
}

function values(given: Partial<CertificateHeaderValues>): CertificateHeaderValues {
  return { certificate: undefined, chain: undefined, verdict: undefined, ...given }
}

function failure(reading: ReturnType<CertificateHeaderReader['read']>): { readonly reason: string } | undefined {
  return reading.ok ? undefined : reading.failure
}
