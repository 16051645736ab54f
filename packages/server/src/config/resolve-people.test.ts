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

function problemsOf(
  people: PeopleFile,
  listeners: readonly ListenerConfiguration[],
  text: string | undefined = undefined,
): readonly string[] {
  const here = createResolution('/', () => text)
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

test('a login application wants https, one proof that is there, and no other way beside it when browsers go there at once', () => {
  const right = {
    url: 'https://people.example/login',
    'unknown-people': 'refuse',
    'acr-values': [],
    start: 'button',
  } as const
  const problems = (application: object, secret: string = 's'.repeat(32), more: object = {}): readonly string[] => {
    const login = { ...right, ...application } as unknown as NonNullable<PeopleFile['login-application']>
    return problemsOf({ ...file, ...more, 'login-application': login }, [unix], secret)
  }
  const withSecret = { 'secret-file': 'secret' }
  assert.deepEqual(problems(withSecret), [])
  assert.match(problems({})[0] ?? '', /one proof/)
  assert.match(problems({ ...withSecret, certificate: { trust: 'partners', dns: 'a.example' } })[0] ?? '', /one proof/)
  for (const secret of ['', 'short', `${'s'.repeat(31)} s`])
    assert.match(problems(withSecret, secret)[0] ?? '', /secret-file/)
  for (const url of [
    'http://people.example/login',
    'people.example',
    'https://u:p@people.example/',
    'https://people.example/#x',
    'https://people.example/?handle=1',
  ])
    assert.equal(problems({ ...withSecret, url }).length, 1, url)
  assert.equal(
    problems({ certificate: { trust: 'nobody', dns: 'a.example' } }).length,
    2,
    'no such trust, no mtls host',
  )
  assert.match(problems({ ...withSecret, start: 'at-once' })[0] ?? '', /would hide password/)
  assert.deepEqual(problems({ ...withSecret, start: 'at-once' }, undefined, { password: 'off' }), [])
  assert.equal(problems({ ...withSecret, 'acr-values': ['a b'] }).length, 1)
})

test('the contexts that a login can have follow from the ways that are configured', () => {
  const contextsOf = (people: object): readonly string[] => {
    const here = createResolution('/', () => 's'.repeat(32))
    return resolvePeople({ ...file, ...people }, hosts, [unix], ['partners'], here)?.contexts ?? []
  }
  const [twoFactors, passwordOnly] = contextsOf({})
  assert.equal(twoFactors, 'https://refeds.org/profile/mfa')
  assert.match(passwordOnly ?? '', /PasswordProtectedTransport$/)
  assert.deepEqual(contextsOf({ passkeys: 'on' }), ['phr', twoFactors, passwordOnly])
  assert.deepEqual(contextsOf({ password: 'off' }), [])
  const certificates = { trust: 'partners', 'identify-by': 'email' }
  assert.deepEqual(contextsOf({ password: 'off', certificates: { ...certificates, kind: 'certificate' } }), ['phr'])
  assert.deepEqual(contextsOf({ password: 'off', certificates: { ...certificates, kind: 'smart-card' } }), [
    'phr',
    twoFactors,
  ])
})
