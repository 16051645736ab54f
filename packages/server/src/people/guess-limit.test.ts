import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixedClock } from '@holdfast/testkit'
import { createGuessLimit } from './guess-limit.ts'

test('five guesses at once, then one a minute; a right one does not count', () => {
  const clock = fixedClock()
  const limit = createGuessLimit(clock)
  for (let guess = 0; guess < 5; guess++) assert.equal(limit.guess('ada', '192.0.2.1'), 0)
  assert.ok(limit.guess('ada', '192.0.2.1') > 0)
  clock.advance(60)
  assert.equal(limit.guess('ada', '192.0.2.1'), 0)
  limit.right('ada', '192.0.2.1')
  assert.equal(limit.guess('ada', '192.0.2.1'), 0)
  assert.ok(limit.guess('ada', '192.0.2.1') > 0)
})

test('from other addresses the person himself still gets in, until there are very many', () => {
  const limit = createGuessLimit(fixedClock())
  for (let guess = 0; guess < 6; guess++) limit.guess('ada', '192.0.2.1')
  assert.equal(limit.guess('ada', '192.0.2.2'), 0)
  for (let address = 3; address < 60; address++) limit.guess('ada', `192.0.2.${address}`)
  limit.guess('ada', '192.0.2.200')
  limit.guess('ada', '192.0.2.201')
  assert.ok(limit.guess('ada', '192.0.2.202') > 0)
})

test('one address does not try the passwords of everybody, and a network of IPv6 is one address', () => {
  const limit = createGuessLimit(fixedClock())
  for (let account = 0; account < 100; account++) limit.guess(`user ${account}`, `2001:db8::${account.toString(16)}`)
  assert.ok(limit.guess('user 100', '2001:db8:0:0:ffff::1') > 0)
  assert.equal(limit.guess('user 100', '2001:db8:0:1::1'), 0)
})
