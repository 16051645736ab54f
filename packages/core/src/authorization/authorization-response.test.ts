import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { authorizationResponse, responseClaims, responseParameters } from './authorization-response.ts'

const issuer = 'https://login.example'
const query = { delivery: 'query', form: 'plain' } as const
const fragment = { delivery: 'fragment', form: 'plain' } as const

describe('authorizationResponse', () => {
  test('RFC9207-M1 parameters stand in the query, with state and iss', () => {
    const parameters = responseParameters({ code: 'a b' }, { state: 's&=#' }, issuer)
    assert.deepEqual(
      authorizationResponse({ redirectUri: 'https://app.example/cb', responseMode: query }, parameters),
      {
        kind: 'redirect',
        location: 'https://app.example/cb?code=a%20b&state=s%26%3D%23&iss=https%3A%2F%2Flogin.example',
      },
    )
  })

  const uris: readonly (readonly [string, string])[] = [
    ['https://app.example/cb?x=1', 'https://app.example/cb?x=1&code=c'],
    ['https://app.example/cb?', 'https://app.example/cb?code=c'],
    ['https://app.example/cb?x=1&', 'https://app.example/cb?x=1&code=c'],
    ['com.example.app:/cb', 'com.example.app:/cb?code=c'],
  ]
  for (const [redirectUri, location] of uris) {
    test(`RFC6749-A1 the query of ${redirectUri} is kept`, () => {
      const answer = authorizationResponse({ redirectUri, responseMode: query }, { code: 'c' })
      assert.deepEqual(answer, { kind: 'redirect', location })
    })
  }

  test('the fragment and the form hold the same', () => {
    const redirectUri = 'https://app.example/cb?x=1'
    assert.deepEqual(authorizationResponse({ redirectUri, responseMode: fragment }, { code: 'c', id_token: 'i' }), {
      kind: 'redirect',
      location: 'https://app.example/cb?x=1#code=c&id_token=i',
    })
    const responseMode = { delivery: 'form_post', form: 'plain' } as const
    assert.deepEqual(authorizationResponse({ redirectUri, responseMode }, { code: 'c' }), {
      kind: 'form_post',
      action: redirectUri,
      fields: { code: 'c' },
    })
  })

  test('any state comes back unchanged, long ones too, and none is invented', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (state) => {
        const answer = authorizationResponse(
          { redirectUri: 'https://app.example/cb', responseMode: query },
          responseParameters({ code: 'c' }, { state }, issuer),
        )
        assert.ok(answer.kind === 'redirect')
        const back = new URL(answer.location).searchParams
        assert.equal(back.get('state'), state)
        assert.equal(back.get('code'), 'c')
        assert.equal(new URL(answer.location).hash, '')
      }),
    )
    assert.equal('state' in responseParameters({ code: 'c' }, {}, issuer), false)
  })

  test('RFC9207-M4 a signed answer says iss, aud and exp inside', () => {
    assert.deepEqual(responseClaims({ code: 'c' }, { clientId: 'acme', state: 's' }, issuer, 1_000), {
      iss: issuer,
      aud: 'acme',
      exp: 1_300,
      code: 'c',
      state: 's',
    })
  })
})
