import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { certificateHeaderSettings } from '../certificate-header-settings.ts'
import type { ClientCertificateOptions } from '../edge-options.ts'
import type { CertificateHeaderPresetName } from './certificate-header-preset.ts'
import { certificateHeaderReader } from './certificate-header-reader.ts'
import { headerLines } from './header-lines.ts'

type Lines = readonly (readonly [name: string, value: string])[]
type Expected = { readonly thumbprint: string; readonly chain: number } | { readonly reason: string } | 'none'

interface Recorded {
  readonly preset: CertificateHeaderPresetName
  /** Project, and the kind of document. */
  readonly source: string
  readonly kind: string
  readonly xfccElement?: 'first' | 'last'
  readonly lines: Lines
  readonly expect: Expected
}

const { values } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../vectors/recorded-header-values.json'), 'utf8'),
) as { readonly values: readonly Recorded[] }
const leaf = createTestAuthority().issue({ commonName: 'client', key: 'ec-p256' })
const escaped = encodeURIComponent(leaf.pem)
const thumbprint = { thumbprint: leaf.thumbprint, chain: 0 }

for (const { preset, source, kind, xfccElement, lines, expect } of values)
  test(`${preset}: ${source} (${kind})`, () => {
    assert.deepEqual(read({ from: preset, ...(xfccElement === undefined ? {} : { xfccElement }) }, lines), expect)
  })

test('kong: everything that the plugin tls-metadata-headers writes by default, after its source', () => {
  const written: Lines = [
    ['X-Client-Cert', escaped],
    ['X-Client-Cert-Serial', '1A2B'],
    ['X-Client-Cert-Issuer-DN', 'CN=issuing'],
    ['X-Client-Cert-Subject-DN', 'CN=client'],
    ['X-Client-Cert-Fingerprint', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['X-Client-Cert-Chain', escaped],
  ]
  assert.deepEqual(read({ from: 'kong' }, written), thumbprint)
})

test('google-cloud: every variable about the certificate under the names that its documentation gives', () => {
  const written: Lines = [
    ['Client-Cert', `:${Buffer.from(leaf.der).toString('base64')}:`],
    ['X-Client-Cert-Present', 'true'],
    ['X-Client-Cert-Chain-Verified', 'true'],
    ['X-Client-Cert-Error', ''],
    ['X-Client-Cert-Hash', 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ'],
    ['X-Client-Cert-Serial-Number', '1A2B'],
    ['X-Client-Cert-SPIFFE', ''],
    ['X-Client-Cert-URI-SANs', ''],
    ['X-Client-Cert-DNSName-SANs', ''],
    ['X-Client-Cert-Valid-Not-Before', '2022-07-01T18:05:09+00:00'],
    ['X-Client-Cert-Valid-Not-After', '2032-07-01T18:05:09+00:00'],
    ['X-Client-Cert-Issuer-DN', ''],
    ['X-Client-Cert-Subject-DN', ''],
  ]
  assert.deepEqual(read({ from: 'google-cloud' }, written), thumbprint)
  assert.deepEqual(
    read(
      { from: 'google-cloud', verdict: 'required' },
      written.map(([name, value]) => [
        name,
        name === 'Client-Cert' ? '' : name === 'X-Client-Cert-Chain-Verified' ? 'false' : value,
      ]),
    ),
    'none',
  )
})

test('azure-application-gateway: the words that were observed on it, PASSTHROUGH and nothing at all', () => {
  const from = { from: 'azure-application-gateway', verdict: 'required' } as const
  const lines = (certificate: string, verdict: string): Lines => [
    ['X-Client-Certificate', certificate],
    ['X-Client-Certificate-Verification', verdict],
  ]
  assert.deepEqual(read(from, lines(escaped, 'PASSTHROUGH')), thumbprint)
  assert.deepEqual(read(from, lines('', 'NONE')), 'none')
  assert.deepEqual(read(from, lines(escaped, '')), { reason: 'certificate_verdict_missing' })
  assert.deepEqual(read(from, lines('', 'PASSTHROUGH')), { reason: 'certificate_verdict_contradicts' })
})

test('aws-alb: = escaped beside + and / as they are, as the example of AWS has it against its own rule', () => {
  const value = escaped.replaceAll('%2B', '+').replaceAll('%2F', '/')
  assert.deepEqual(read({ from: 'aws-alb' }, [['X-Amzn-Mtls-Clientcert', value]]), thumbprint)
})

test('envoy: a URI or name of the certificate that has a = in it stands bare, as Envoy writes it', () => {
  const value = `By=spiffe://a/ns/b?c=d;Hash=${leafHash()};Cert="${escaped}";Subject="";URI=https://client.example/?app=a&key=b;URI=urn:x=y;DNS=client.example`
  assert.deepEqual(read({ from: 'envoy' }, [['X-Forwarded-Client-Cert', value]]), thumbprint)
  const forged = value.replace('urn:x=y', `urn:x=y;Cert="${escaped}"`)
  assert.deepEqual(read({ from: 'envoy' }, [['X-Forwarded-Client-Cert', forged]]), {
    reason: 'certificate_header_malformed',
  })
})

function leafHash(): string {
  return Buffer.from(leaf.thumbprint, 'base64url').toString('hex')
}

function read(options: ClientCertificateOptions, lines: Lines): Expected {
  const settings = certificateHeaderSettings(options, '')
  const found = headerLines({
    certificate: settings.header,
    chain: settings.chainHeader,
    verdict: settings.verdictHeader,
    secret: undefined,
    clientAddress: undefined,
    companions: settings.format.companions,
  })(lines.flat())
  if (found.failure !== undefined) return { reason: found.failure.reason }
  const reading = certificateHeaderReader(settings).read(found)
  if (!reading.ok) return { reason: reading.failure.reason }
  const { certificate } = reading.value
  return certificate === undefined ? 'none' : { thumbprint: certificate.thumbprint, chain: certificate.chain.length }
}
