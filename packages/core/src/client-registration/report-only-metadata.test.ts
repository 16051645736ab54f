import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseClientMetadata, type RegistrationRules } from './client-metadata.ts'
import { registrationRequest } from './registration-request.ts'

const rules: RegistrationRules = {
  authenticationMethods: ['client_secret_post', 'tls_client_auth', 'self_signed_tls_client_auth'],
  grantTypes: ['client_credentials'],
  trust: ['partners'],
  unknownMembers: 'refuse',
  thumbprint: () => assert.fail('no certificates here'),
}
const base = {
  client_id: 'a',
  token_endpoint_auth_method: 'client_secret_post',
  client_secret_hash: 'h',
  grant_types: [],
  binding: 'if_present',
}
const byName = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'a.example',
  trust: 'partners',
}

describe('reportOnlyMetadata', () => {
  test('what is tried stands beside what holds, and changes nothing of it', () => {
    const plain = parseClientMetadata(base, rules)
    const result = parseClientMetadata({ ...base, report_only: 'bound', report_only_authentication: byName }, rules)
    assert.ok(plain.ok && result.ok, JSON.stringify(result))
    const { reportOnly, ...held } = result.value
    assert.deepEqual(held, plain.value)
    assert.equal(reportOnly?.binding, 'bound')
    assert.equal(reportOnly.authentication?.method, 'tls_client_auth')
  })

  const wrong: readonly (readonly [object, string])[] = [
    [{ report_only: 'all' }, 'report_only'],
    [{ binding: 'required', report_only: 'certificate_bound' }, 'report_only'],
    [{ binding: 'required', report_only: 'bound' }, 'report_only'],
    [{ dpop_bound_access_tokens: true, report_only: 'dpop_bound' }, 'report_only'],
    [{ dpop_bound_access_tokens: true, report_only: 'bound' }, 'report_only'],
    [{ report_only_authentication: 'tls_client_auth' }, 'report_only_authentication'],
    [
      { report_only_authentication: { token_endpoint_auth_method: 'none' } },
      'report_only_authentication.token_endpoint_auth_method',
    ],
    [
      { report_only_authentication: { ...byName, tls_client_auth_san_dns: '' } },
      'report_only_authentication.tls_client_auth_san_dns',
    ],
    [{ report_only_authentication: { ...byName, trust: 'others' } }, 'report_only_authentication.trust'],
    [{ report_only_authentication: { ...byName, scope: 'admin' } }, 'report_only_authentication.scope'],
    [
      { report_only_authentication: { token_endpoint_auth_method: 'self_signed_tls_client_auth' } },
      'report_only_authentication',
    ],
  ]
  for (const [members, path] of wrong) {
    test(`${JSON.stringify(members)}: a problem at ${path}`, () => {
      const result = parseClientMetadata({ ...base, ...members }, rules)
      assert.ok(!result.ok)
      assert.deepEqual(
        result.failure.map((problem) => problem.path),
        [path],
      )
    })
  }

  test('a certificate cannot be tried where no host asks for one', () => {
    const server = {
      certificateHost: 'missing',
      dpop: 'off',
      signingAlgorithms: ['ES256'],
      encryption: { answers: 'off', requestKey: 'off' },
    } as const
    const result = parseClientMetadata({ ...base, report_only_authentication: byName }, { ...rules, server })
    assert.ok(!result.ok)
    assert.equal(result.failure[0]?.path, 'report_only_authentication')
  })

  test('a stranger cannot ask to be reported instead of refused', () => {
    const asked = { ...base, report_only: 'bound', report_only_authentication: byName }
    const policy = {
      initialAccessTokens: undefined,
      certificateTrust: undefined,
      softwareStatements: undefined,
      scope: [],
      grantTypes: [],
      authenticationMethods: ['client_secret_post'],
      trust: undefined,
      resource: [],
      rules: 'none',
      binding: 'as_registered',
    } as const
    const record = registrationRequest(asked, undefined, policy, undefined)
    assert.ok(record.ok)
    assert.deepEqual(
      Object.keys(record.value).filter((member) => member.startsWith('report_only')),
      [],
    )
  })
})
