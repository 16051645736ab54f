import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixedClock, inMemoryGuessStore } from '@holdfast/testkit'
import { createGuessLimit } from './guess-limit.ts'
import type { GuessLimit } from './guess-limit.ts'

function limitOn(clock = fixedClock(), store = inMemoryGuessStore()): GuessLimit {
  return createGuessLimit(store, clock, (name) => name)
}

test('five guesses at once, then one a minute; a right one does not count', async () => {
  const clock = fixedClock()
  const limit = limitOn(clock)
  for (let guess = 0; guess < 5; guess++) assert.equal(await limit.guess('ada', '192.0.2.1'), 0)
  assert.equal(await limit.guess('ada', '192.0.2.1'), 60)
  clock.advance(60)
  assert.equal(await limit.guess('ada', '192.0.2.1'), 0)
  await limit.right('ada', '192.0.2.1')
  assert.equal(await limit.guess('ada', '192.0.2.1'), 0)
  assert.ok((await limit.guess('ada', '192.0.2.1')) > 0)
})

test('from other addresses the person himself still gets in, until there are very many', async () => {
  const limit = limitOn()
  for (let guess = 0; guess < 6; guess++) await limit.guess('ada', '192.0.2.1')
  assert.equal(await limit.guess('ada', '192.0.2.2'), 0)
  for (let address = 3; address < 60; address++) await limit.guess('ada', `192.0.2.${address}`)
  await limit.guess('ada', '192.0.2.200')
  await limit.guess('ada', '192.0.2.201')
  assert.ok((await limit.guess('ada', '192.0.2.202')) > 0)
})

test('one address does not try the passwords of everybody, and a network of IPv6 is one address', async () => {
  const limit = limitOn()
  for (let account = 0; account < 100; account++)
    await limit.guess(`user ${account}`, `2001:db8::${account.toString(16)}`)
  assert.ok((await limit.guess('user 100', '2001:db8:0:0:ffff::1')) > 0)
  assert.equal(await limit.guess('user 100', '2001:db8:0:1::1'), 0)
})

test('several processes have the guesses of one together, and nothing that was typed reaches the store', async () => {
  const store = inMemoryGuessStore()
  const names: string[] = []
  const watched = {
    ...store,
    take: (...values: Parameters<typeof store.take>) => {
      names.push(...values[0].map(({ name }) => name))
      return store.take(...values)
    },
  }
  const clock = fixedClock()
  const limits = [1, 2, 3].map(() => createGuessLimit(watched, clock, (name) => `hidden ${name.length}`))
  const waits = await Promise.all(
    Array.from({ length: 12 }, (_, at) => limits[at % 3]?.guess('ada', '192.0.2.1') ?? Promise.resolve(0)),
  )
  assert.equal(waits.filter((wait) => wait === 0).length, 5)
  assert.ok(names.every((name) => /^hidden [0-9]+$/.test(name)))
})
