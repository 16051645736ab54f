import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type CertificateHeaderPresetName, certificateHeaderReader, certificateHeaderSettings } from '@holdfast/edge'
import { createTestAuthority } from '@holdfast/testkit'
import { realPart } from '../black-box/real-part.ts'
import { runClient } from '../clients/run-client.ts'

const authority = createTestAuthority({ name: 'Foreign' })
const middle = authority.issueAuthority({ commonName: 'Middle' })
const nasty = {
  subject: 'CN=a \\"quoted\\"\\, name\\; CN\\=b \\\\ü+OU=x\\#,O=\\ Blanks\\ ',
  san: { dns: ['client.example'], uri: ['https://client.example/?app=a&key=b%20c', 'urn:x=y'] },
}
const clients = [
  middle.issue({ ...nasty, key: 'rsa-2048' }),
  ...Array.from({ length: 12 }, (_, at) =>
    middle.issue({ commonName: `client ${at}`, ...(at % 3 === 0 ? nasty : {}) }),
  ),
]
const chains: Readonly<Record<string, 'chain' | 'leaf'>> = {
  traefik: 'chain',
  'traefik-v2': 'chain',
  envoy: 'chain',
  'aws-alb': 'chain',
  nginx: 'leaf',
}

test('what Go, as Traefik uses it, and the replacements of Envoy and AWS make of certificates is read octet by octet', async (t) => {
  if (!realPart(t, 'go with x/oauth2')) return
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-encoders-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const binary = join(folder, 'encoders')
  const built = await runClient('go', ['build', '-o', binary, join(import.meta.dirname, 'foreign_encoders.go')], {
    env: { GO111MODULE: 'off', GOFLAGS: '', GOCACHE: join(tmpdir(), 'holdfast-go-cache') },
  })
  assert.equal(built.code, 0, built.stderr)
  for (const client of clients) {
    const certificates = [client.der, ...client.chain].map((der) => Buffer.from(der))
    const file = join(folder, 'certificates')
    await writeFile(file, certificates.map((der) => `${der.toString('base64')}\n`).join(''))
    const written = await runClient(binary, [file])
    assert.equal(written.code, 0, written.stderr)
    const values = JSON.parse(written.stdout) as Readonly<Record<string, string>>
    assert.deepEqual(Object.keys(values).toSorted(), Object.keys(chains).toSorted())
    for (const [preset, value] of Object.entries(values)) {
      const settings = certificateHeaderSettings({ from: preset as CertificateHeaderPresetName }, '')
      const read = certificateHeaderReader(settings).read({ certificate: value, chain: undefined, verdict: undefined })
      assert.ok(read.ok, `${preset}: ${JSON.stringify(read)}`)
      const { certificate } = read.value
      assert.equal(certificate?.thumbprint, client.thumbprint, preset)
      assert.deepEqual(
        certificate?.chain.map((der) => Buffer.from(der).toString('base64')),
        chains[preset] === 'chain' ? certificates.slice(1).map((der) => der.toString('base64')) : [],
        preset,
      )
    }
  }
})
