import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AuthorizationRecord } from '../port/authorization-store.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { consentDemand, consentedScope } from './consent-demand.ts'
import { type LoggedIn, loginDemand } from './login-demand.ts'

const now = 1_767_225_600
const request: AuthorizationRequest = {
  clientId: 'acme',
  redirectUri: 'https://app.example/cb',
  responseMode: { delivery: 'query', form: 'plain' },
  responseType: 'code',
  redirectUriSent: true,
  scope: ['openid', 'orders:read'],
  audience: ['https://api.example'],
  prompt: [],
  acrValues: [],
  essentialAcr: [],
  uiLocales: [],
  authorizationDetails: [],
}
const since = (seconds: number, acr?: string): LoggedIn => ({
  subject: 'alice',
  authentication: { time: now - seconds, amr: ['pwd'], ...(acr === undefined ? {} : { acr }) },
})

describe('loginDemand', () => {
  const before: readonly (readonly [string, Partial<AuthorizationRequest>, LoggedIn | undefined, string])[] = [
    ['nobody is logged in', {}, undefined, 'login'],
    ['somebody is', {}, since(900), 'met'],
    ['prompt=login', { prompt: ['login'] }, since(1), 'forced login'],
    ['prompt=select_account', { prompt: ['select_account'] }, since(1), 'forced login'],
    ['max_age=60, logged in 60 s ago', { maxAge: 60 }, since(60), 'met'],
    ['max_age=60, logged in 61 s ago', { maxAge: 60 }, since(61), 'forced login'],
    ['max_age=0', { maxAge: 0 }, since(0), 'forced login'],
    ['the wanted person', { expectedSubject: 'alice' }, since(900), 'met'],
    ['another person', { expectedSubject: 'bob' }, since(900), 'forced login'],
    ['an essential acr that was met', { essentialAcr: ['gold'] }, since(900, 'gold'), 'met'],
    ['an essential acr that was not', { essentialAcr: ['gold'] }, since(900, 'silver'), 'forced login'],
    ['an acr that is only wished for', { acrValues: ['gold'] }, since(900), 'met'],
  ]
  for (const [name, changes, session, expected] of before) {
    test(`OPENID-CORE-M1 OPENID-CORE-M2 on arrival, ${name}: ${expected}`, () => {
      const demand = loginDemand({ ...request, ...changes }, session, now, 'no', now)
      assert.equal(demand.kind === 'login' && demand.forced ? 'forced login' : demand.kind, expected)
    })
  }

  const after: readonly (readonly [string, Partial<AuthorizationRequest>, LoggedIn | undefined, string])[] = [
    ['a fresh login meets prompt=login', { prompt: ['login'] }, since(5), 'met'],
    ['an older login does not', { prompt: ['login'] }, since(100), 'forced login'],
    ['a fresh login meets max_age=0', { maxAge: 0 }, since(5), 'met'],
    ['another person after a fresh login ends it', { expectedSubject: 'bob' }, since(5), 'unmet'],
    ['an essential acr that a fresh login did not reach ends it', { essentialAcr: ['gold'] }, since(5), 'unmet'],
  ]
  for (const [name, changes, session, expected] of after) {
    test(`back from our page, ${name}`, () => {
      const demand = loginDemand({ ...request, ...changes }, session, now - 30, 'yes', now)
      assert.equal(demand.kind === 'login' && demand.forced ? 'forced login' : demand.kind, expected)
    })
  }
})

describe('consentDemand', () => {
  const record: AuthorizationRecord = {
    clientId: 'acme',
    subject: 'alice',
    scope: ['openid', 'orders:read', 'orders:write'],
    audience: ['https://api.example'],
    authentication: { time: now, amr: [] },
    createdAt: now,
    expiresAt: now + 1_000,
  }
  const asks = (
    changes: Partial<AuthorizationRequest>,
    consent: 'always' | 'remembered' | 'never',
    client: 'public' | 'confidential',
    remembered: readonly AuthorizationRecord[],
  ): string => consentDemand({ ...request, ...changes }, { consent }, client, remembered)

  test('what was allowed before is not asked again', () => {
    assert.equal(asks({}, 'remembered', 'confidential', [record]), 'go_on')
    assert.equal(asks({}, 'remembered', 'confidential', []), 'ask')
  })

  test('what is new is asked', () => {
    const other = { ...record, clientId: 'other' }
    assert.equal(asks({}, 'remembered', 'confidential', [other]), 'ask')
    assert.equal(asks({ scope: ['openid', 'admin'] }, 'remembered', 'confidential', [record]), 'ask')
    assert.equal(asks({ audience: ['https://other.example'] }, 'remembered', 'confidential', [record]), 'ask')
    assert.equal(asks({ claims: { userinfo: { email: null } } }, 'remembered', 'confidential', [record]), 'ask')
    assert.equal(asks({ authorizationDetails: [{ type: 'payment' }] }, 'remembered', 'confidential', [record]), 'ask')
  })

  test('two half permissions are not a whole one', () => {
    const halves = [
      { ...record, scope: ['openid'] },
      { ...record, scope: ['orders:read'] },
    ]
    assert.equal(asks({}, 'remembered', 'confidential', halves), 'ask')
  })

  test('prompt=consent asks in any case, a public client is always asked about, the operator’s own never', () => {
    assert.equal(asks({ prompt: ['consent'] }, 'never', 'confidential', [record]), 'ask')
    assert.equal(asks({}, 'remembered', 'public', [record]), 'ask')
    assert.equal(asks({}, 'always', 'confidential', [record]), 'ask')
    assert.equal(asks({}, 'never', 'confidential', []), 'go_on')
  })

  test('the person can leave out scopes, not add any, and openid stays', () => {
    assert.deepEqual(consentedScope(request, ['orders:read', 'admin']), ['openid', 'orders:read'])
    assert.deepEqual(consentedScope(request, []), ['openid'])
  })
})
