import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createResolution } from './resolution.ts'
import { resolvePeople } from './resolve-people.ts'
import type { HostConfiguration, ListenerConfiguration } from './configuration.ts'
import type { PeopleFile } from './people-shape.ts'

const file: PeopleFile = {
  users: [],
  password: 'on',
  passkeys: 'off',
  'session-idle': '2h',
  'session-lifetime': '12h',
  upstream: {},
}
const hosts = new Map<string, HostConfiguration>([['as.test', { role: 'main', tls: undefined }]])
const listener = (address: ListenerConfiguration['address']): ListenerConfiguration =>
  ({ address, hosts: ['as.test'] }) as unknown as ListenerConfiguration
const unix = listener({ kind: 'unix', path: '/run/main.sock' })
const tcp = listener({ kind: 'tcp', host: '127.0.0.1', port: 8080 })

function problemsOf(people: PeopleFile, listeners: readonly ListenerConfiguration[]): readonly string[] {
  const here = createResolution('/', () => undefined)
  resolvePeople(people, hosts, listeners, ['partners'], here)
  return here.problems.map(({ path, problem }) => `${path}: ${problem}`)
}

test('a header that says who is there is refused where anybody could reach the main host', () => {
  const header = { name: 'Remote-User', 'unknown-people': 'refuse' } as const
  assert.deepEqual(problemsOf({ ...file, header }, [unix]), [])
  for (const listeners of [[tcp], [unix, tcp]])
    assert.match(problemsOf({ ...file, header }, listeners)[0] ?? '', /^people\.header: .* over TCP/)
})

test('people who contradict each other, hashes that are none and providers that are not there are named', () => {
  const user = { claims: {}, upstream: {}, certificates: [], disabled: false }
  const problems = problemsOf(
    {
      ...file,
      users: [
        { ...user, subject: 'u1', username: 'ada', password_hash: 'secret' },
        { ...user, subject: 'u1', username: 'ＡDA' },
        { ...user, subject: 'u2', upstream: { corp: 'x' }, claims: { sub: 'x' }, certificates: ['ada'] },
      ],
    },
    [unix],
  )
  assert.equal(problems.length, 6, problems.join('\n'))
  assert.ok(!problems.join().includes('secret'))
})

test('certificates want their own host and a trust that is there; providers want https', () => {
  const certificates = { trust: 'nobody', 'identify-by': 'email', kind: 'certificate' } as const
  const upstream = {
    corp: { issuer: 'http://corp.example', 'client-id': 'x', scope: 'profile', 'unknown-people': 'refuse' },
  } as const
  assert.equal(problemsOf({ ...file, certificates }, [unix]).length, 2)
  assert.equal(problemsOf({ ...file, upstream }, [unix]).length, 2)
})
