import assert from 'node:assert/strict'
import test from 'node:test'
import { fail, ok } from '@holdfast/x509'
import fc from 'fast-check'
import { hostAuthority } from './host-authority.ts'

test('a Host value is a name and perhaps a port', () => {
  for (const [value, host, port] of [
    ['login.example', 'login.example', undefined],
    ['LOGIN.example.', 'login.example', undefined],
    ['login.example:8443', 'login.example', 8443],
    ['login.example.:443', 'login.example', 443],
    ['login.example:', 'login.example', undefined],
  ] as const) {
    assert.deepEqual(hostAuthority(value), ok({ host, port }), value)
  }
})

test('an address is well-formed and nobody’s name', () => {
  for (const value of ['127.0.0.1', '127.0.0.1:8443', '[::1]', '[::1]:8443', '2130706433']) {
    assert.deepEqual(hostAuthority(value), fail({ reason: 'host_not_a_name' }), value)
  }
})

test('junk in Host is malformed', () => {
  for (const value of [
    '',
    ' ',
    'login.example ',
    'login.example, mtls.example',
    'user@login.example',
    'user:pw@login.example',
    'login.example/path',
    'login.example?x',
    'login.example#x',
    'login.example:99999',
    'login.example:-1',
    'login.example:1:2',
    'login.example:443x',
    'login.exam\tple',
    'login%2eexample',
    '[::1',
    '[::1]x',
    'a'.repeat(10_000),
  ]) {
    assert.deepEqual(hostAuthority(value), fail({ reason: 'host_malformed' }), JSON.stringify(value))
  }
})

test('whatever Host says, a name that comes out has none of the characters that separate', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 80 }), fc.webAuthority({ withPort: true, withUserInfo: true })),
      (value) => {
        const authority = hostAuthority(value)
        if (authority.ok) assert.match(authority.value.host, /^[a-z0-9._-]+$/)
      },
    ),
  )
})
