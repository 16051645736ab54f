import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { RevocationConfiguration } from './configuration.ts'
import { loadConfiguration } from './load-configuration.ts'

test('the form of the contract is enough: a file, and what becomes of the unknown', (t) => {
  const configuration = resolved(t, { crl: ['./ca/partners.crl'], 'when-unknown': 'refuse' })
  const [file] = configuration?.crls ?? []
  assert.ok(file?.kind === 'file' && isAbsolute(file.path) && file.path.endsWith('/ca/partners.crl'))
  assert.deepEqual(configuration && { ...configuration, crls: [] }, {
    mode: 'hard',
    crls: [],
    distributionPoints: 'ignore',
    responders: [],
    respondersFromCertificate: 'ignore',
    allowedHosts: [],
    privateAddresses: [],
    grace: 0,
    skipIfLifetimeBelow: 0,
    refresh: 600,
    maximumCrlOctets: 20_971_520,
  })
})

test('mode and when-unknown are two words for one thing: either alone, both when they agree, never both against each other', (t) => {
  const crl = ['a.crl']
  assert.equal(resolved(t, { crl })?.mode, 'hard')
  assert.equal(resolved(t, { crl, mode: 'soft' })?.mode, 'soft')
  assert.equal(resolved(t, { crl, 'when-unknown': 'accept' })?.mode, 'soft')
  assert.equal(resolved(t, { crl, mode: 'soft', 'when-unknown': 'accept' })?.mode, 'soft')
  assert.equal(resolved(t, { mode: 'off' }), undefined)
  assert.deepEqual(problems(t, { crl, mode: 'soft', 'when-unknown': 'refuse' }), [
    'trust.partners.revocation.when-unknown: contradicts mode: soft',
  ])
  assert.deepEqual(problems(t, { crl, mode: 'off', 'when-unknown': 'refuse' }), [
    'trust.partners.revocation.when-unknown: contradicts mode: off',
  ])
})

test('P7: revocation that asks nobody is a problem, not a setting without effect', (t) => {
  assert.deepEqual(problems(t, {}), ['trust.partners.revocation: says nowhere to look'])
  assert.deepEqual(problems(t, { mode: 'soft' }), ['trust.partners.revocation: says nowhere to look'])
})

test('SSRF: URLs out of certificates are followed only with a list of hosts', (t) => {
  assert.deepEqual(problems(t, { 'crl-distribution-points': 'follow', ocsp: { 'from-certificate': 'follow' } }), [
    'trust.partners.revocation.allowed-hosts: missing: where crl-distribution-points and ocsp.from-certificate may lead',
  ])
  assert.deepEqual(problems(t, { crl: ['a.crl'], 'allowed-hosts': ['crl.example'] }), [
    'trust.partners.revocation.allowed-hosts: nothing follows URLs out of certificates',
  ])
  const followed = resolved(t, {
    'crl-distribution-points': 'follow',
    'allowed-hosts': ['CRL.example', 'ocsp.example:8080'],
  })
  assert.deepEqual(followed?.allowedHosts, ['crl.example', 'ocsp.example:8080'])
})

test('CRLs and responders are files or http and https URLs, and nothing else', (t) => {
  const both = resolved(t, { crl: ['https://crl.example/a.crl', 'b.crl'], ocsp: { responder: 'http://ocsp.example' } })
  assert.deepEqual(both?.crls[0], { kind: 'url', url: 'https://crl.example/a.crl' })
  assert.equal(both?.crls[1]?.kind, 'file')
  assert.deepEqual(both.responders, ['http://ocsp.example/'])
  for (const url of [
    'ldap://ldap.example/cn=a',
    'ftp://crl.example/a',
    'https://user@crl.example/a',
    'file:///etc/passwd',
  ]) {
    assert.deepEqual(problems(t, { crl: [url] }), [
      'trust.partners.revocation.crl[0]: not an http or https URL without a user',
    ])
  }
  assert.deepEqual(problems(t, { ocsp: { responder: 'ocsp.example' } }), [
    'trust.partners.revocation.ocsp.responder: not an http or https URL without a user',
  ])
  for (const network of ['example', '10.0.0.0/33', '::1/129', '10.0.0.0/x']) {
    assert.deepEqual(problems(t, { crl: ['a.crl'], 'private-addresses': [network] }), [
      'trust.partners.revocation.private-addresses[0]: not an address or network',
    ])
  }
})

function resolved(t: TestContext, revocation: object): RevocationConfiguration | undefined {
  const loaded = load(t, revocation)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.value.trust.get('partners')?.revocation
}

function problems(t: TestContext, revocation: object): readonly string[] {
  const loaded = load(t, revocation)
  assert.ok(!loaded.ok)
  return loaded.failure.problems.map(({ path, problem }) => `${path}: ${problem}`)
}

function load(t: TestContext, revocation: object): ReturnType<typeof loadConfiguration> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'holdfast.yaml')
  const configuration = {
    issuer: 'https://as.test',
    hosts: { 'as.test': { role: 'main' } },
    listeners: [{ address: '127.0.0.1:0', tls: { certificate: 'a.pem', key: 'a.key' } }],
    trust: { partners: { anchors: ['a.pem'], revocation } },
    store: { url: 'memory:' },
  }
  writeFileSync(file, JSON.stringify(configuration))
  return loadConfiguration({ file })
}
