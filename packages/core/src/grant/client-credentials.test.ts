import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { clientCredentials } from './client-credentials.ts'
import { grantType } from './grant-type.ts'

const client = {
  clientId: 'acme',
  authentication: { method: 'none' },
  grantTypes: ['client_credentials'],
  scope: ['a', 'b', 'c', 'orders:read'],
  resource: ['https://one.example', 'https://two.example'],
} as unknown as RegisteredClient
const fallback = ['https://api.example', 'urn:api']

function granted(form: object, changes: Partial<RegisteredClient> = {}): ReturnType<typeof clientCredentials> {
  const authenticated = { client: { ...client, ...changes } } as AuthenticatedClient
  return clientCredentials(new Map(Object.entries(form)), authenticated, fallback)
}

describe('clientCredentials', () => {
  const scopes: readonly (readonly [string, object, readonly string[] | string])[] = [
    ['no scope: all that is registered', {}, client.scope],
    ['some of it, in the order asked for', { scope: 'c a' }, ['c', 'a']],
    ['the same twice', { scope: 'a a' }, ['a']],
    ['more than is registered', { scope: 'a d' }, 'scope_not_registered'],
    ['a value in another case', { scope: 'A' }, 'scope_not_registered'],
    ['the beginning of a registered value', { scope: 'orders' }, 'scope_not_registered'],
    ['two blanks', { scope: 'a  b' }, 'scope_malformed'],
    ['a quotation mark', { scope: 'a"' }, 'scope_malformed'],
  ]
  for (const [name, form, expected] of scopes) {
    test(`RFC6749-A35 scope, ${name}`, () => {
      const result = granted(form)
      assert.deepEqual(result.ok ? result.value.scope : result.failure.reason, expected)
    })
  }

  const audiences: readonly (readonly [string, object, readonly string[], readonly string[] | string])[] = [
    ['no resource: the first registered', {}, client.resource, ['https://one.example']],
    ['no resource, none registered: the default', {}, [], fallback],
    ['a registered resource', { resource: 'https://two.example' }, client.resource, ['https://two.example']],
    ['a default resource, none registered', { resource: 'urn:api' }, [], ['urn:api']],
    ['a default resource, others registered', { resource: 'urn:api' }, client.resource, 'resource_not_registered'],
    ['a longer URI', { resource: 'https://two.example/' }, client.resource, 'resource_not_registered'],
    ['a fragment', { resource: 'https://two.example#x' }, client.resource, 'resource_malformed'],
    ['a relative URI', { resource: 'two' }, client.resource, 'resource_malformed'],
  ]
  for (const [name, form, resource, expected] of audiences) {
    test(`audience, ${name}`, () => {
      const result = granted(form, { resource })
      assert.deepEqual(result.ok ? result.value.audience : result.failure.reason, expected)
    })
  }

  test('RFC6749-A34 the client is its own subject', () => {
    const result = granted({})
    assert.ok(result.ok)
    assert.equal(result.value.subject, 'acme')
    assert.equal(result.value.grantType, 'client_credentials')
  })
})

describe('grantType', () => {
  const asked = (form: object, registered: readonly 'client_credentials'[]): unknown => {
    const result = grantType(new Map(Object.entries(form)), { ...client, grantTypes: registered }, [
      'client_credentials',
    ])
    return result.ok ? result.value : result.failure.reason
  }

  test('RFC6749-A36 tells missing, unknown and not registered apart', () => {
    assert.equal(asked({ grant_type: 'client_credentials' }, ['client_credentials']), 'client_credentials')
    assert.equal(asked({ grant_type: 'client_credentials' }, []), 'grant_type_not_registered')
    assert.equal(asked({ grant_type: 'password' }, ['client_credentials']), 'grant_type_unknown')
    assert.equal(asked({ grant_type: 'constructor' }, ['client_credentials']), 'grant_type_unknown')
    assert.equal(asked({}, ['client_credentials']), 'parameter_missing')
  })
})
