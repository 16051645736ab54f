import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ResponseType } from '../client-registration/authorization-registration.ts'
import { responseMode, responseModeOfErrors } from './response-mode.ts'
import { responseType, responseTypeOf } from './response-type.ts'

const any = { signedResponses: 'optional', clauses: {} } as const

describe('responseMode', () => {
  const modes: readonly (readonly [string | undefined, ResponseType, string])[] = [
    [undefined, 'code', 'query plain'],
    ['query', 'code', 'query plain'],
    ['fragment', 'code', 'fragment plain'],
    ['form_post', 'code', 'form_post plain'],
    ['jwt', 'code', 'query jwt'],
    ['query.jwt', 'code', 'query jwt'],
    ['fragment.jwt', 'code', 'fragment jwt'],
    ['form_post.jwt', 'code', 'form_post jwt'],
    ['web_message', 'code', 'refused'],
    ['QUERY', 'code', 'refused'],
    ['toString', 'code', 'refused'],
    [undefined, 'code id_token', 'fragment plain'],
    ['fragment', 'code id_token', 'fragment plain'],
    ['form_post', 'code id_token', 'form_post plain'],
    ['jwt', 'code id_token', 'fragment jwt'],
    ['query', 'code id_token', 'refused'],
    ['query.jwt', 'code id_token', 'refused'],
  ]
  for (const [mode, type, expected] of modes) {
    test(`${mode ?? 'no mode'} with ${type}: ${expected}`, () => {
      const result = responseMode(mode, type, any)
      assert.equal(result.ok ? `${result.value.delivery} ${result.value.form}` : 'refused', expected)
    })
  }

  test('where answers must be signed, an unsigned one is refused with the clause', () => {
    const rules = {
      signedResponses: 'required',
      clauses: { signedResponses: 'FAPI 2.0 Message Signing §5.4.1' },
    } as const
    const refused = responseMode('query', 'code', rules)
    assert.ok(!refused.ok)
    assert.deepEqual(refused.failure, {
      reason: 'response_mode_unsupported',
      presented: 'query',
      responseType: 'code',
      clause: 'FAPI 2.0 Message Signing §5.4.1',
    })
    assert.ok(responseMode('jwt', 'code', rules).ok)
  })

  test('with FAPI 1.0 Advanced a code alone comes signed, beside an ID token it need not', () => {
    const rules = { signedResponses: 'with_code', clauses: {} } as const
    const refused = responseMode(undefined, 'code', rules)
    assert.ok(!refused.ok && refused.failure.reason === 'response_type_unsupported')
    assert.ok(responseMode('jwt', 'code', rules).ok)
    assert.ok(responseMode(undefined, 'code id_token', rules).ok)
  })

  test('an error travels as its answer would have, and where that is not known, safely', () => {
    assert.deepEqual(responseModeOfErrors('form_post', 'code'), { delivery: 'form_post', form: 'plain' })
    assert.deepEqual(responseModeOfErrors('jwt', 'code'), { delivery: 'query', form: 'jwt' })
    assert.deepEqual(responseModeOfErrors('nonsense', 'token'), { delivery: 'fragment', form: 'plain' })
    assert.deepEqual(responseModeOfErrors('query', 'id_token token'), { delivery: 'fragment', form: 'plain' })
    assert.deepEqual(responseModeOfErrors(undefined, undefined), { delivery: 'query', form: 'plain' })
  })
})

describe('responseType', () => {
  const rules = { responseTypes: ['code', 'code id_token'], clauses: {} } as const

  test('the order of words means nothing, everything else does', () => {
    assert.equal(responseTypeOf('id_token code'), 'code id_token')
    for (const text of ['', 'CODE', 'code code', 'code  id_token', 'token', 'id_token', 'code token', 'none']) {
      assert.equal(responseTypeOf(text), undefined, text)
    }
  })

  test('RFC6749-A3 a type that is not offered, one that is not registered, and none at all are told apart', () => {
    const reason = (presented: string | undefined): string => {
      const result = responseType(presented, ['code'], rules)
      return result.ok ? result.value : result.failure.reason
    }
    assert.equal(reason('code'), 'code')
    assert.equal(reason('code id_token'), 'response_type_not_registered')
    assert.equal(reason('token'), 'response_type_unsupported')
    assert.equal(reason(undefined), 'parameter_missing')
  })

  test('what only the profile forbids is refused with its clause', () => {
    const fapi2 = { responseTypes: ['code'], clauses: { responseTypes: 'FAPI 2.0 §5.3.2.2 (1)' } } as const
    const refused = responseType('code id_token', ['code', 'code id_token'], fapi2)
    assert.ok(!refused.ok)
    assert.deepEqual(refused.failure, {
      reason: 'response_type_unsupported',
      presented: 'code id_token',
      clause: 'FAPI 2.0 §5.3.2.2 (1)',
    })
  })
})
