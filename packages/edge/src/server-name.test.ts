import assert from 'node:assert/strict'
import test from 'node:test'
import { fail, ok } from '@holdfast/x509'
import fc from 'fast-check'
import { serverName } from './server-name.ts'

test('a host name is compared in lower case and without one trailing dot', () => {
  for (const [text, name] of [
    ['login.example', 'login.example'],
    ['LOGIN.Example.', 'login.example'],
    ['localhost', 'localhost'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['my_app.internal', 'my_app.internal'],
  ] as const) {
    assert.deepEqual(serverName(text), ok(name))
  }
})

test('what is no host name is refused with its kind', () => {
  for (const [text, detail] of [
    ['', 'empty'],
    ['.', 'empty'],
    ['a..b', 'label'],
    ['a.example..', 'label'],
    ['-a.example', 'label'],
    ['a-.example', 'label'],
    [`${'a'.repeat(64)}.example`, 'label'],
    [`${'a.'.repeat(127)}a`, 'too_long'],
    ['a b.example', 'character'],
    ['a\0.example', 'character'],
    ['bücher.example', 'character'],
    ['*.example', 'character'],
    ['user@example', 'character'],
    ['127.0.0.1', 'ip_literal'],
    ['127.0.0.1.', 'ip_literal'],
    ['0x7f.1', 'ip_literal'],
    ['1', 'ip_literal'],
    ['::1', 'ip_literal'],
    ['[::1]', 'ip_literal'],
  ] as const) {
    assert.deepEqual(serverName(text), fail({ reason: 'server_name_invalid', detail }), JSON.stringify(text))
  }
})

test('any text gives a name that is its own name, or a failure', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.domain()), (text) => {
      const name = serverName(text)
      if (name.ok) assert.deepEqual(serverName(name.value), name)
    }),
  )
})
