import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJwksEndpoint } from './jwks-endpoint.ts'
import { createMetadataEndpoint } from './metadata-endpoint.ts'

test('metadata and keys are public, cached for as long as told', () => {
  const metadata = createMetadataEndpoint({ issuer: 'https://login.example' }, 600)()
  assert.equal(metadata.body, '{"issuer":"https://login.example"}')
  assert.deepEqual(metadata.headers, {
    'content-type': 'application/json',
    'cache-control': 'public, max-age=600',
    'access-control-allow-origin': '*',
  })
  let jwks = '{"keys":[1]}'
  const endpoint = createJwksEndpoint({ jwks: () => jwks }, 60)
  assert.equal(endpoint().body, '{"keys":[1]}')
  jwks = '{"keys":[2]}'
  assert.equal(endpoint().body, '{"keys":[2]}')
  assert.equal(endpoint().headers['content-type'], 'application/jwk-set+json')
})
