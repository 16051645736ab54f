import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryUserStore } from '@holdfast/testkit'
import { createHeaderLogin } from './header-login.ts'
import { createPeopleDirectory } from './people-directory.ts'
import type { Person } from './person.ts'

const ada: Person = { userName: 'Ada', claims: {}, passkeys: [], upstream: [], certificates: [] }
const people = createPeopleDirectory(
  () =>
    new Map([
      ['u1', ada],
      ['u2', { ...ada, userName: 'bob', disabled: true }],
    ]),
  inMemoryUserStore<Person>(),
)
let made = 0
const random = { identifier: () => `made-${made++}` }

test('whom the proxy names is there, whatever the case of the name', async () => {
  const way = createHeaderLogin('remote-user', 'refuse', people, random)
  assert.equal((await way.person(['Host', 'a', 'Remote-User', 'ADA']))?.subject, 'u1')
})

test('a header that is missing, empty, there twice, or there in a spelling that CGI reads as the same, names nobody', async () => {
  const way = createHeaderLogin('remote-user', 'refuse', people, random)
  for (const headers of [
    [],
    ['Remote-User', ''],
    ['Remote-User', 'ada', 'remote-user', 'ada'],
    ['Remote-User', 'ada', 'Remote_User', 'bob'],
    ['REMOTE_USER', 'ada'],
    ['X-Remote-User', 'ada'],
    ['Remote-User', 'ada, bob'],
  ])
    assert.equal(await way.person(headers), undefined, headers.join(' '))
})

test('a disabled person and, unless people may be added, a stranger are nobody', async () => {
  const way = createHeaderLogin('remote-user', 'refuse', people, random)
  assert.equal(await way.person(['Remote-User', 'bob']), undefined)
  assert.equal(await way.person(['Remote-User', 'stranger']), undefined)
  const adding = createHeaderLogin('remote-user', 'add', people, random)
  const added = await adding.person(['Remote-User', 'stranger'])
  assert.equal(added?.subject, 'made-0')
  assert.equal((await way.person(['Remote-User', 'stranger']))?.subject, 'made-0', 'and is known from then on')
})
