import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCertificate } from '@holdfast/x509'
import { createTestAuthority, type TestCertificateOptions } from '@holdfast/testkit'
import { parseClientMetadata, type RegistrationRules } from './client-metadata.ts'
import type { RegisteredAuthentication } from './registered-client.ts'
import { subjectsOfCertificate } from './subjects-of-certificate.ts'
import { tlsClientAuthSubjectMembers } from './tls-client-auth-subject.ts'

const rules: RegistrationRules = {
  authenticationMethods: ['tls_client_auth', 'none'],
  grantTypes: ['client_credentials'],
  trust: ['partners', 'acme', 'other'],
  trustDomains: new Map([
    ['acme', 'acme.example'],
    ['other', 'other.example'],
  ]),
  unknownMembers: 'refuse',
  thumbprint: () => assert.fail('nothing here has a thumbprint'),
}
const tls = {
  client_id: 'tpp',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'tls_client_auth',
  scope: 'accounts payments profile',
}
const named = { ...tls, trust: 'partners', tls_client_auth_san_dns: 'tpp.example' }

function registered(metadata: object): RegisteredAuthentication<'tls_client_auth'> {
  const result = parseClientMetadata(metadata, rules)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value.authentication as RegisteredAuthentication<'tls_client_auth'>
}

function problems(metadata: object): readonly string[] {
  const result = parseClientMetadata(metadata, rules)
  assert.ok(!result.ok, 'accepted')
  return result.failure.map(({ path, problem }) => `${path}: ${problem}`)
}

describe('one subject', () => {
  const values = {
    tls_client_auth_subject_dn: 'CN=tpp',
    tls_client_auth_san_dns: 'tpp.example',
    tls_client_auth_san_uri: 'https://tpp.example',
    tls_client_auth_san_ip: '192.0.2.7',
    tls_client_auth_san_email: 'ops@tpp.example',
    certificate_organization_identifier: 'PSDGB-FCA-123456',
    spiffe_id: 'spiffe://acme.example/pay',
  } as const satisfies Record<(typeof tlsClientAuthSubjectMembers)[number], string>

  for (const [member, value] of Object.entries(values)) {
    test(`RFC8705-M9 ${member} is enough, and suffers no other beside it`, () => {
      const trust = member === 'spiffe_id' ? 'acme' : 'partners'
      assert.equal(registered({ ...tls, trust, [member]: value }).subject.text, value)
      for (const [second, other] of Object.entries(values)) {
        if (second === member) continue
        const both = { ...tls, trust, [member]: value, [second]: other }
        assert.match(problems(both).join(), /exactly one subject may be registered/)
      }
    })
  }

  const wrong: readonly (readonly [member: string, value: unknown, problem: string])[] = [
    ['certificate_organization_identifier', '', 'not an organization identifier'],
    ['certificate_organization_identifier', '  ', 'not an organization identifier'],
    ['certificate_organization_identifier', '\u200b', 'not an organization identifier'],
    ['certificate_organization_identifier', 'x'.repeat(257), 'not an organization identifier'],
    ['certificate_organization_identifier', ['PSDGB-FCA-1'], 'not a string'],
    ['spiffe_id', 'https://acme.example/pay', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://acme.example', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://ACME.example/pay', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://acme.example/pay/', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://acme.example/pay*', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://acme.example/*/pay', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://*', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://*/*', 'not a SPIFFE ID'],
    ['spiffe_id', 'spiffe://acme.example/../*', 'not a SPIFFE ID'],
    ['spiffe_id', `spiffe://acme.example/${'x'.repeat(2_048)}`, 'not a SPIFFE ID'],
    ['tls_client_auth_san_email', 'zoë@bücher.example', 'not an e-mail address'],
    ['tls_client_auth_san_email', 'zo ë@tpp.example', 'not an e-mail address'],
    ['tls_client_auth_san_uri', `https://a/${'x'.repeat(3_000)}`, 'too long'],
  ]
  for (const [member, value, problem] of wrong) {
    test(`${member} ${JSON.stringify(value).slice(0, 40)}: ${problem}`, () => {
      const result = parseClientMetadata({ ...tls, trust: 'acme', [member]: value }, rules)
      assert.ok(!result.ok)
      assert.deepEqual(
        result.failure.map((found) => `${found.path}: ${found.problem}`),
        [`${member}: ${problem}`],
      )
      assert.ok(typeof value !== 'string' || result.failure[0]?.hint !== undefined, 'with a hint')
    })
  }

  test('an international mailbox can be registered', () => {
    const { subject } = registered({ ...tls, trust: 'partners', tls_client_auth_san_email: 'zoë@TPP.example' })
    assert.deepEqual(subject, { kind: 'san_email', text: 'zoë@TPP.example', comparable: 'email:zoë@tpp.example' })
  })
})

describe('the trust of a SPIFFE ID', () => {
  test('is that of its trust domain when none is named', () => {
    assert.equal(registered({ ...tls, spiffe_id: 'spiffe://other.example/*' }).trust, 'other')
  })
  test('may be one with anchors of its own', () => {
    assert.equal(registered({ ...tls, trust: 'partners', spiffe_id: 'spiffe://acme.example/x' }).trust, 'partners')
  })
  test('is never that of another trust domain', () => {
    assert.deepEqual(problems({ ...tls, trust: 'other', spiffe_id: 'spiffe://acme.example/*' }), [
      'trust: other vouches for SVIDs of other.example, not of acme.example',
    ])
  })
  test('has no default beside it', () => {
    assert.deepEqual(problems({ ...tls, spiffe_id: 'spiffe://nobody.example/*' }), [
      'trust: missing: it says which CAs may vouch for this client',
    ])
  })
})

describe('PSD2 roles and authorities', () => {
  test('each scope knows the roles of which it needs one', () => {
    const roles = { PSP_AI: 'accounts', PSP_PI: ['payments', 'accounts'] }
    const { psd2 } = registered({ ...named, scope_for_psd2_role: roles, psd2_competent_authorities: ['GB-FCA'] })
    assert.deepEqual(psd2, {
      scopes: new Map([
        ['accounts', ['PSP_AI', 'PSP_PI']],
        ['payments', ['PSP_PI']],
      ]),
      authorities: ['GB-FCA'],
    })
    assert.equal(registered(named).psd2, undefined)
  })

  for (const [member, value, problem] of [
    ['scope_for_psd2_role', {}, 'scope_for_psd2_role: not a mapping from roles to scope'],
    ['scope_for_psd2_role', ['PSP_AI'], 'scope_for_psd2_role: not a mapping from roles to scope'],
    ['scope_for_psd2_role', { PSP_XX: 'accounts' }, 'scope_for_psd2_role.PSP_XX: no role of PSD2'],
    ['scope_for_psd2_role', { PSP_AI: '' }, 'scope_for_psd2_role.PSP_AI: not scope values'],
    ['scope_for_psd2_role', { PSP_AI: 7 }, 'scope_for_psd2_role.PSP_AI: not scope values'],
    ['scope_for_psd2_role', { PSP_AI: 'acounts' }, 'scope_for_psd2_role.PSP_AI: acounts is not in scope'],
    ['psd2_competent_authorities', [], 'psd2_competent_authorities: not a list with at least one authority'],
    ['psd2_competent_authorities', 'GB-FCA', 'psd2_competent_authorities: not a list with at least one authority'],
    [
      'psd2_competent_authorities',
      ['GB-FCA', 'gb-fca'],
      'psd2_competent_authorities[1]: not the identifier of a competent authority',
    ],
  ] as const) {
    test(`${member} ${JSON.stringify(value)} is refused with its place`, () => {
      assert.deepEqual(problems({ ...named, [member]: value }), [problem])
    })
  }

  test('they belong to a certificate that a CA vouches for', () => {
    const { trust: _, tls_client_auth_san_dns: __, ...client } = named
    const open = { ...client, token_endpoint_auth_method: 'none', grant_types: [] }
    assert.deepEqual(problems({ ...open, scope_for_psd2_role: { PSP_AI: 'accounts' } }), [
      'scope_for_psd2_role: means nothing with none',
    ])
  })
})

test('every subject that is taken from a certificate can be registered, and names it', () => {
  const authority = createTestAuthority()
  const options: TestCertificateOptions = {
    subject: 'CN=tpp,organizationIdentifier=PSDGB-FCA-123456',
    keyUsage: ['digitalSignature'],
    san: {
      dns: ['tpp.example', '*.example'],
      uri: ['spiffe://acme.example/pay'],
      ip: ['2001:db8::7'],
      email: ['ops@tpp.example'],
      directory: [[{ type: 'CN', value: 'x' }]],
    },
  }
  const certificate = parseCertificate(authority.issue(options).der)
  assert.ok(certificate.ok)
  const subjects = subjectsOfCertificate(certificate.value)
  assert.deepEqual(
    new Set(subjects.map(({ member }) => member)),
    new Set(tlsClientAuthSubjectMembers),
    'one of each kind',
  )
  for (const { member, value } of subjects) {
    assert.equal(registered({ ...tls, trust: 'acme', [member]: value }).subject.text, value)
  }
})
