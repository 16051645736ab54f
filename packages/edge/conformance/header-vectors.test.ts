import assert from 'node:assert/strict'
import test from 'node:test'
import { certificateHeaderSettings } from '../src/certificate-header-settings.ts'
import { certificateHeaderPresets } from '../src/header/certificate-header-preset.ts'
import type { CertificateHeaderPresetName } from '../src/header/certificate-header-preset.ts'
import { certificateHeaderReader } from '../src/header/certificate-header-reader.ts'
import { headerLines } from '../src/header/header-lines.ts'
import { headerText, headerVectors } from './header-vectors.ts'
import type { HeaderCase } from './header-vectors.ts'

const { certificates, presets } = headerVectors()
/** Those that real programs write in other tests. */
const runForReal = ['nginx', 'haproxy', 'haproxy-rfc9440', 'apache', 'apache-rfc9440', 'caddy', 'caddy-rfc9440']

test('every preset has vectors, but for those of programs that are run', () => {
  const expected = Object.keys(certificateHeaderPresets).filter((name) => !runForReal.includes(name))
  assert.deepEqual(Object.keys(presets).sort(), expected.sort())
})

for (const [preset, cases] of Object.entries(presets)) {
  test(`${preset}: leaf, chain, absence, too big and forged values are read as they must be`, () => {
    for (const vector of cases)
      assert.deepEqual(read(preset as CertificateHeaderPresetName, vector), vector.expect, vector.name)
  })
}

function read(preset: CertificateHeaderPresetName, { lines }: HeaderCase): HeaderCase['expect'] {
  const settings = certificateHeaderSettings({ from: preset }, '')
  const found = headerLines({
    certificate: settings.header,
    chain: settings.chainHeader,
    verdict: settings.verdictHeader,
    secret: undefined,
    clientAddress: undefined,
    companions: settings.format.companions,
  })(lines.flatMap(([name, value]) => [name, headerText(value)]))
  if (found.failure !== undefined) return { reason: found.failure.reason }
  const reading = certificateHeaderReader(settings).read(found)
  if (!reading.ok) return { reason: reading.failure.reason }
  const { certificate, withheld } = reading.value
  if (certificate === undefined) return { absent: withheld === undefined ? 'none' : 'withheld' }
  return { leaf: named(certificate.der), chain: certificate.chain.map(named) }
}

function named(der: Uint8Array): string {
  const text = Buffer.from(der).toString('base64')
  return Object.entries(certificates).find(([, certificate]) => certificate.der === text)?.[0] ?? 'another certificate'
}
