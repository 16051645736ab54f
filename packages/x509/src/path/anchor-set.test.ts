import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { extendedKeyUsageExtension } from '../issue/index.ts'
import { type AnchorSetOptions, createAnchorSet } from './anchor-set.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority()

const refusals: readonly (readonly [string, Partial<AnchorSetOptions>, object])[] = [
  ['no anchor at all', { anchors: [] }, { reason: 'anchors_missing' }],
  [
    'an anchor that is no certificate',
    { anchors: [authority.rootDer, Uint8Array.of(1)] },
    { reason: 'anchor_malformed', index: 1 },
  ],
  ['a leaf as anchor', { anchors: [authority.issue().der] }, { reason: 'anchor_not_ca', index: 0 }],
  [
    'a self-signed certificate that is no CA',
    {
      anchors: [
        createTestAuthority({
          rootOptions: { extensions: [{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 0) }] },
        }).rootDer,
      ],
    },
    { reason: 'anchor_not_ca' },
  ],
  [
    'a CA that may not sign certificates',
    { anchors: [createTestAuthority({ rootOptions: { keyUsage: ['cRLSign'] } }).rootDer] },
    { reason: 'anchor_without_key_cert_sign' },
  ],
  [
    'a CA with too small a key',
    { anchors: [createTestAuthority({ key: 'rsa-1024' }).rootDer] },
    { reason: 'anchor_key_not_allowed', rule: 'size' },
  ],
  [
    'a leaf as intermediate',
    { intermediates: [authority.issue().der] },
    { reason: 'anchor_not_ca', list: 'intermediates' },
  ],
  ['too long a path', { maximumIntermediates: 9 }, { reason: 'maximum_intermediates_out_of_range' }],
]

for (const [what, options, expected] of refusals) {
  test(`CVE-2026-27586: a set with ${what} is not loaded`, () => {
    const set = createAnchorSet({ name: 'test', anchors: [authority.rootDer], ...options })
    assert.ok(!set.ok)
    assert.deepEqual({ ...set.failure, ...expected }, set.failure)
  })
}

test('what an operator should know of a set is said at load', () => {
  const other = createTestAuthority({
    rootOptions: { notAfter: now - 1, extensions: [extendedKeyUsageExtension(['serverAuth'])] },
  })
  const set = createAnchorSet(
    {
      name: 'test',
      anchors: [authority.rootDer, authority.rootDer, other.rootDer, authority.intermediate!.der],
      intermediates: [authority.intermediate!.der, createTestAuthority({ name: 'Far' }).intermediate!.der],
    },
    now,
  )
  assert.ok(set.ok)
  assert.deepEqual(set.value.warnings.map(({ reason }) => reason).toSorted(), [
    'anchor_not_self_issued',
    'anchors_share_name',
    'certificate_repeated',
    'expired',
    'intermediate_is_anchor',
    'intermediate_issuer_unknown',
    'purpose_not_covered',
  ])
})

test('an empty set is loaded where emptiness is meant', () => {
  assert.equal(createAnchorSet({ name: 'spiffe', anchors: [], emptiness: 'allowed' }).ok, true)
})
