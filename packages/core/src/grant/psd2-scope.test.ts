import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Psd2Role } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import { clientCredentials } from './client-credentials.ts'
import { type GrantAssertion, jwtBearer } from './jwt-bearer.ts'
import { type ExchangedToken, tokenExchange } from './token-exchange.ts'
import { type LiveAuthorization, withinAuthorization } from './within-authorization.ts'

const scopes = new Map<string, readonly Psd2Role[]>([
  ['accounts', ['PSP_AI']],
  ['payments', ['PSP_PI']],
  ['funds', ['PSP_IC', 'PSP_PI']],
])

function asked(form: object, roles: readonly Psd2Role[] | 'none stated', registered: readonly string[]): unknown {
  const psd2 =
    roles === 'none stated'
      ? { ok: false, failure: { reason: 'qc_statements_missing' } }
      : { ok: true, value: { roles, competentAuthorityName: 'FCA', competentAuthorityId: 'GB-FCA' } }
  const authentication = { method: 'tls_client_auth', psd2: { scopes, authorities: undefined } }
  const client = { clientId: 'tpp', authentication, scope: registered, resource: [] }
  const authenticated = { client, identity: { psd2 } } as unknown as AuthenticatedClient
  const result = clientCredentials(new Map(Object.entries(form)), authenticated, ['urn:api'])
  return result.ok ? result.value.scope : result.failure
}

const all = ['accounts', 'payments', 'funds', 'profile']

describe('scope within PSD2 roles', () => {
  for (const [what, form, roles, expected] of [
    ['a scope of the role', { scope: 'accounts' }, ['PSP_AI'], ['accounts']],
    ['a scope of either of two roles', { scope: 'funds' }, ['PSP_PI'], ['funds']],
    ['a scope that needs no role, without any', { scope: 'profile' }, 'none stated', ['profile']],
    ['nothing: what the role allows', {}, ['PSP_AI'], ['accounts', 'profile']],
    ['nothing, with all roles: all', {}, ['PSP_AI', 'PSP_PI'], all],
    ['nothing, without a role: what needs none', {}, 'none stated', ['profile']],
  ] as const) {
    test(`TS 119 495 §5.1, RFC 6749 §3.3: asked for ${what}`, () => {
      assert.deepEqual(asked(form, roles, all), expected)
    })
  }

  test('RFC 6749 §3.3: what was asked for is refused as a whole, when a part of it needs another role', () => {
    assert.deepEqual(asked({ scope: 'accounts payments funds' }, ['PSP_AI'], all), {
      reason: 'scope_beyond_psd2_roles',
      refused: ['payments', 'funds'],
      needed: { payments: ['PSP_PI'], funds: ['PSP_IC', 'PSP_PI'] },
      roles: ['PSP_AI'],
      authority: 'GB-FCA',
    })
  })

  test('a certificate that states no role gets nothing that needs one, and the refusal says why it states none', () => {
    const failure = {
      reason: 'scope_beyond_psd2_roles',
      refused: ['accounts'],
      needed: { accounts: ['PSP_AI'] },
      roles: [],
      problem: 'qc_statements_missing',
    }
    assert.deepEqual(asked({ scope: 'accounts' }, 'none stated', all), failure)
    assert.deepEqual(asked({}, 'none stated', ['accounts']), failure)
  })

  test('a role gives nothing that was not registered', () => {
    const result = asked({ scope: 'payments' }, ['PSP_PI'], ['accounts'])
    assert.equal((result as { readonly reason: string }).reason, 'scope_not_registered')
  })

  test('every grant keeps within the roles, whatever was granted to it before', () => {
    const authentication = { method: 'tls_client_auth', psd2: { scopes, authorities: undefined } }
    const psd2 = { ok: true, value: { roles: ['PSP_AI'], competentAuthorityName: '', competentAuthorityId: 'GB-FCA' } }
    const client = { clientId: 'tpp', authentication, scope: all, resource: [] }
    const authenticated = { client, identity: { psd2 } } as unknown as AuthenticatedClient
    const record = { audience: ['urn:api'], expiresAt: 1 }
    const live = { id: 'a', record, subject: 'person', scope: ['accounts', 'payments'] } as unknown as LiveAuthorization
    const before = { clientId: 'tpp', subject: 'person', scope: ['accounts', 'payments'], audience: [], expiresAt: 1 }
    const exchanged = { ...before, bound: 'by_this_request' } as unknown as ExchangedToken
    const assertion = { subject: 'person' } as unknown as GrantAssertion
    const given = (result: ReturnType<typeof withinAuthorization>): unknown =>
      result.ok ? result.value.scope : result.failure.reason
    for (const [asked, earned] of [
      [{}, ['accounts']],
      [{ scope: 'accounts' }, ['accounts']],
      [{ scope: 'payments' }, 'scope_beyond_psd2_roles'],
    ] as const) {
      const form = new Map(Object.entries(asked))
      assert.deepEqual(given(withinAuthorization(form, 'refresh_token', authenticated, live)), earned)
      assert.deepEqual(given(tokenExchange(form, authenticated, exchanged, undefined, ['urn:api'])), earned)
      const byAssertion = given(jwtBearer(form, authenticated, assertion, ['urn:api']))
      assert.deepEqual(byAssertion, form.size === 0 ? ['accounts', 'profile'] : earned)
    }
    assert.deepEqual(given(withinAuthorization(new Map(), 'authorization_code', authenticated, live)), ['accounts'])
  })
})
