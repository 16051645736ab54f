import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListenerConfiguration, TrustConfiguration } from './configuration.ts'
import type { ConfigurationFile } from './configuration-file.ts'
import { createResolution } from './resolution.ts'
import { checkProxyTrust, resolveTrust } from './resolve-trust.ts'

interface Resolved {
  readonly trust: ReadonlyMap<string, TrustConfiguration>
  readonly problems: readonly string[]
}

function resolved(trust: Readonly<Record<string, object>>): Resolved {
  const here = createResolution('/etc/holdfast', () => undefined)
  const written = Object.entries(trust).map(([name, value]) => {
    const defaults = { intermediates: [], 'extended-key-usage': 'if_present', profile: 'interop' }
    return [name, { ...defaults, ...value }]
  })
  const file = { trust: Object.fromEntries(written) } as unknown as ConfigurationFile
  return {
    trust: resolveTrust(file, here),
    problems: here.problems.map(({ path, problem }) => `${path}: ${problem}`),
  }
}

const domain = { 'trust-domain': 'acme.example', bundle: 'bundle.json' }

test('a trust has anchors, or the bundle of one trust domain, by file or URL', () => {
  const { trust, problems } = resolved({
    partners: { anchors: ['partners.pem'] },
    workloads: { spiffe: domain },
    others: {
      spiffe: { 'trust-domain': 'other.example', bundle: 'https://spire.other.example/bundle', ca: 'web.pem' },
    },
  })
  assert.deepEqual(problems, [])
  assert.equal(trust.get('partners')?.spiffe, undefined)
  assert.deepEqual(trust.get('workloads')?.spiffe, {
    trustDomain: 'acme.example',
    bundle: { kind: 'file', path: '/etc/holdfast/bundle.json' },
    ca: undefined,
    maximumAge: undefined,
  })
  assert.deepEqual(trust.get('others')?.spiffe, {
    trustDomain: 'other.example',
    bundle: { kind: 'url', url: 'https://spire.other.example/bundle' },
    ca: '/etc/holdfast/web.pem',
    maximumAge: 86_400,
  })
})

for (const [what, value, problem] of [
  ['neither anchors nor a trust domain', {}, /^trust\.it: has nobody to trust$/],
  ['both', { anchors: ['a.pem'], spiffe: domain }, /^trust\.it: has both/],
  ['a SPIFFE ID for a name', { spiffe: { ...domain, 'trust-domain': 'spiffe://acme.example' } }, /not the name/],
  ['a name in upper case', { spiffe: { ...domain, 'trust-domain': 'ACME.example' } }, /not the name/],
  ['a bundle over http', { spiffe: { ...domain, bundle: 'http://a.example/' } }, /not an https URL/],
  ['a bundle behind a user', { spiffe: { ...domain, bundle: 'https://a:b@a.example/' } }, /not an https URL/],
  ['a CA for a file', { spiffe: { ...domain, ca: 'web.pem' } }, /no server is asked/],
  ['an age below one refresh', { spiffe: { ...domain, 'maximum-age': '10s' } }, /shorter than 300 s/],
  ['revocation of SVIDs', { spiffe: domain, revocation: { mode: 'off' } }, /are not revoked/],
] as const) {
  test(`a trust with ${what} is a problem`, () => {
    const { problems } = resolved({ it: value })
    assert.equal(problems.length, 1, problems.join())
    assert.match(problems[0] ?? '', problem)
  })
}

test('bundles are never merged: two trusts of one trust domain are a problem', () => {
  assert.deepEqual(resolved({ one: { spiffe: domain }, two: { spiffe: domain } }).problems, [
    'trust.two.spiffe.trust-domain: is already that of trust.one',
  ])
})

test('a proxy that a trust domain is to vouch for is a problem', () => {
  const here = createResolution('/etc/holdfast', () => undefined)
  const { trust } = resolved({ workloads: { spiffe: domain } })
  const proof = { kind: 'vouched-certificate', trust: 'workloads' }
  checkProxyTrust([{ clientCertificate: { proof } }] as unknown as readonly ListenerConfiguration[], trust, here)
  assert.match(here.problems[0]?.problem ?? '', /^workloads is a SPIFFE trust domain/)
})
