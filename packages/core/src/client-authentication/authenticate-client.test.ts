import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientAuthenticationMethods } from './authenticate-client.ts'

test('RFC8705-M8 RFC8705-M11 both certificate methods are judged under the names that the RFC gives them', () => {
  assert.deepEqual(clientAuthenticationMethods, [
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'private_key_jwt',
    'client_secret_basic',
    'client_secret_post',
    'none',
  ])
})
