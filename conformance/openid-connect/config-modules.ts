import assert from 'node:assert/strict'
import type { OpenidModule } from './basic-modules.ts'

/** `oidcc-config-certification-test-plan`, by the names without the prefix. */
export const configModules: Readonly<Record<string, OpenidModule>> = {
  'discovery-endpoint-verification': async (openid) => {
    const answer = await openid.server.send({ path: '/.well-known/openid-configuration' })
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^application\/json(;|$)/)
    const metadata = answer.json
    const listed = (name: string): readonly string[] => {
      const value = metadata[name]
      assert.ok(Array.isArray(value) && value.length > 0, name)
      assert.ok(value.every((one) => typeof one === 'string'))
      return value
    }
    assert.equal(metadata['issuer'], 'https://as.test')
    assert.ok(listed('response_types_supported').includes('code'))
    assert.ok(listed('subject_types_supported').every((one) => ['public', 'pairwise'].includes(one)))
    assert.ok(listed('id_token_signing_alg_values_supported').includes('RS256'))
    if (metadata['userinfo_signing_alg_values_supported'] !== undefined) listed('userinfo_signing_alg_values_supported')
    assert.ok(listed('request_object_signing_alg_values_supported').includes('RS256'))
    assert.ok(listed('claims_supported').includes('sub'))
    assert.ok(listed('grant_types_supported').includes('authorization_code'))
    assert.ok(listed('scopes_supported').includes('openid'))
    for (const locale of listed('ui_locales_supported')) assert.equal(Intl.getCanonicalLocales(locale)[0], locale)
    listed('code_challenge_methods_supported')
    for (const flag of ['request_parameter_supported', 'request_uri_parameter_supported', 'claims_parameter_supported'])
      assert.equal(typeof metadata[flag], 'boolean', flag)
    for (const [name, value] of Object.entries(metadata))
      if (/_(endpoint|uri)$/.test(name)) assert.match(String(value), /^https:\/\/[^#]+$/, name)
    const keys = (await openid.server.send({ path: new URL(String(metadata['jwks_uri'])).pathname })).json['keys']
    assert.ok(Array.isArray(keys) && keys.length > 0)
    const kids = (keys as readonly Record<string, unknown>[]).map(({ kid }) => kid)
    assert.equal(new Set(kids).size, kids.length)
    for (const key of keys as readonly Record<string, unknown>[]) {
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(secret in key, false, secret)
    }
  },
}
