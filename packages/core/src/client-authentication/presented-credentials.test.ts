import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { presentedCredentials } from './presented-credentials.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jws = `${part({ alg: 'ES256' })}.${part({ sub: 'acme' })}.AQI`
const basic = `Basic ${Buffer.from('acme:s').toString('base64')}`
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

describe('presentedCredentials', () => {
  const accepted: readonly (readonly [string, Readonly<Record<string, string>>, string | undefined, string])[] = [
    ['a name alone', { client_id: 'acme' }, undefined, 'none'],
    ['a secret in the form', { client_id: 'acme', client_secret: 's' }, undefined, 'client_secret_post'],
    ['a header', {}, basic, 'client_secret_basic'],
    ['a header and the same name in the form', { client_id: 'acme' }, basic, 'client_secret_basic'],
    ['an assertion', { client_assertion: jws, client_assertion_type: type }, undefined, 'client_assertion'],
    [
      'an assertion and the same name',
      { client_id: 'acme', client_assertion: jws, client_assertion_type: type },
      undefined,
      'client_assertion',
    ],
  ]
  for (const [name, form, authorization, kind] of accepted) {
    test(`${name}: ${kind}`, () => {
      const result = presentedCredentials(new Map(Object.entries(form)), authorization)
      assert.ok(result.ok, JSON.stringify(result))
      assert.equal(result.value.kind, kind)
      assert.equal(result.value.clientId, 'acme')
    })
  }

  const refused: readonly (readonly [string, Readonly<Record<string, string>>, string | undefined, object])[] = [
    ['nothing', {}, undefined, { reason: 'client_id_missing' }],
    ['a secret without name', { client_secret: 's' }, undefined, { reason: 'client_id_missing' }],
    [
      'a header that cannot be read',
      {},
      'Basic !',
      { reason: 'authorization_header_malformed', problem: 'not_base64' },
    ],
    [
      'a header of another scheme and a name',
      { client_id: 'acme' },
      'Digest x',
      { reason: 'authorization_scheme_unsupported', scheme: 'Digest' },
    ],
    [
      'a header and a secret',
      { client_secret: 's' },
      basic,
      { reason: 'credentials_presented_twice', presented: ['authorization header', 'client_secret'] },
    ],
    [
      'a header and an assertion',
      { client_assertion: jws },
      basic,
      { reason: 'credentials_presented_twice', presented: ['authorization header', 'client_assertion'] },
    ],
    [
      'a secret and an assertion',
      { client_secret: 's', client_assertion: jws, client_assertion_type: type },
      undefined,
      { reason: 'credentials_presented_twice', presented: ['client_secret', 'client_assertion'] },
    ],
    [
      'a header with another name',
      { client_id: 'evil' },
      basic,
      { reason: 'client_id_contradicted', where: 'authorization_header' },
    ],
    [
      'an assertion with another name',
      { client_id: 'evil', client_assertion: jws, client_assertion_type: type },
      undefined,
      { reason: 'client_id_contradicted', where: 'client_assertion' },
    ],
    [
      'an assertion without its type',
      { client_assertion: jws },
      undefined,
      { reason: 'assertion_type_unsupported', presented: undefined },
    ],
    [
      'an assertion of another type',
      { client_assertion: jws, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
      undefined,
      { reason: 'assertion_type_unsupported', presented: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
    ],
    [
      'a type without assertion',
      { client_assertion_type: type },
      undefined,
      { reason: 'parameter_missing', parameter: 'client_assertion' },
    ],
    [
      'an assertion without sub',
      { client_assertion: `${part({ alg: 'ES256' })}.${part({})}.AQI`, client_assertion_type: type },
      undefined,
      { reason: 'assertion_claim_missing', claim: 'sub' },
    ],
    [
      'an assertion that is too long',
      { client_assertion: 'x'.repeat(16_385), client_assertion_type: type },
      undefined,
      { reason: 'assertion_too_long', length: 16_385, limit: 16_384 },
    ],
    [
      'an assertion with crit',
      {
        client_assertion: `${part({ alg: 'ES256', crit: ['x'] })}.${part({ sub: 'acme' })}.AQI`,
        client_assertion_type: type,
      },
      undefined,
      { reason: 'assertion_header_critical', critical: '["x"]' },
    ],
    [
      'an assertion that is none',
      { client_assertion: 'x', client_assertion_type: type },
      undefined,
      { reason: 'assertion_malformed', problem: 'not_three_parts' },
    ],
  ]
  for (const [name, form, authorization, failure] of refused) {
    test(`RFC6749-A32 ${name}: refused`, () => {
      assert.deepEqual(presentedCredentials(new Map(Object.entries(form)), authorization), { ok: false, failure })
    })
  }
})
