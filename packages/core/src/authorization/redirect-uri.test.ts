import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fail, ok } from '@holdfast/x509'
import { redirectUri } from './redirect-uri.ts'

const web = { applicationType: 'web', redirectUris: ['https://app.example/cb', 'https://app.example/cb?x=1'] } as const
const native = {
  applicationType: 'native',
  redirectUris: ['http://127.0.0.1/cb', 'http://[::1]:8000/cb', 'com.example.app:/cb', 'https://app.example/cb'],
} as const
const lax = { redirectUris: 'may_be_left_out', clauses: {} } as const
const strict = { redirectUris: 'must_be_sent', clauses: { redirectUris: 'FAPI 2.0 §5.3.2.2 (6)' } } as const

describe('redirectUri', () => {
  for (const uri of web.redirectUris) {
    test(`RFC6749-A1 ${uri} is the client's own`, () => {
      assert.deepEqual(redirectUri(uri, web, lax), ok(uri))
    })
  }

  const others = [
    'https://app.example/CB',
    'https://APP.example/cb',
    'https://app.example/cb/',
    'https://app.example/cb?',
    'https://app.example/cb?x=2',
    'https://app.example:443/cb',
    'https://app.example/cb#',
    'https://app.example.evil/cb',
    'https://app.example/cb/../cb',
    'https://app.example/%63b',
    ' https://app.example/cb',
    'http://app.example/cb',
    'javascript:alert(1)',
  ]
  for (const uri of others) {
    test(`RFC6749-A1 ${JSON.stringify(uri)} is not, however alike (CVE-2020-15234)`, () => {
      assert.deepEqual(redirectUri(uri, web, lax), fail({ reason: 'redirect_uri_not_registered', presented: uri }))
    })
  }

  test('RFC6749-A2 the only registered one may be left out, unless the profile wants it', () => {
    const only = { applicationType: 'web', redirectUris: ['https://app.example/cb'] } as const
    assert.deepEqual(redirectUri(undefined, only, lax), ok('https://app.example/cb'))
    assert.deepEqual(redirectUri(undefined, web, lax), fail({ reason: 'redirect_uri_missing', registered: 2 }))
    const clause = 'FAPI 2.0 §5.3.2.2 (6)'
    assert.deepEqual(
      redirectUri(undefined, only, strict),
      fail({ reason: 'redirect_uri_missing', registered: 1, clause }),
    )
  })

  const loopback: readonly (readonly [string, boolean])[] = [
    ['http://127.0.0.1:51004/cb', true],
    ['http://127.0.0.1/cb', true],
    ['http://[::1]:1/cb', true],
    ['http://127.0.0.1:51004/other', false],
    ['http://127.0.0.1:70000/cb', false],
    ['http://127.0.0.1:51004/cb?x', false],
    ['http://127.0.0.1:51004@evil.example/cb', false],
    ['http://127.0.0.1.evil.example/cb', false],
    ['http://localhost:51004/cb', false],
    ['http://[::1]:1/CB', false],
    ['https://127.0.0.1:51004/cb', false],
    ['https://app.example:8443/cb', false],
    ['com.example.app:/cb', true],
    ['com.example.app:/cb2', false],
  ]
  for (const [uri, allowed] of loopback) {
    test(`RFC9700-R1 of a native client ${uri} is ${allowed ? 'taken, whatever its port' : 'refused'}`, () => {
      assert.equal(redirectUri(uri, native, lax).ok, allowed)
    })
  }

  test('RFC9700-R1 the port of a web client is never free', () => {
    const registration = { applicationType: 'web', redirectUris: ['http://127.0.0.1/cb'] } as const
    assert.equal(redirectUri('http://127.0.0.1:5000/cb', registration, lax).ok, false)
  })
})
