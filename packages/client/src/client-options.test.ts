import assert from 'node:assert/strict'
import { suite, test } from 'node:test'

import { createClient } from './index.ts'
import type { ClientOptions } from './index.ts'
import { issuer, ours, renewed } from './peers.test.ts'

suite('options', () => {
  test('every problem is named with its path, at construction', () => {
    const wrong = {
      issuer: 'http://login.example',
      clientId: '',
      authentication: { method: 'client_secret_post' },
      certificate: { cert: ours.pem, key: renewed.keyPem },
      ca: ['x'],
      resource: ['not absolute'],
      timeouts: { connect: -1, total: 2 },
      binding: 'maybe',
      isuer: 1,
    } as unknown as ClientOptions
    assert.throws(
      () => createClient(wrong),
      (error) => {
        assert.ok(error instanceof TypeError)
        for (const part of [
          'client options: ',
          'isuer is not an option',
          'issuer must be an https URL',
          'clientId must be',
          'authentication.secret must be',
          'certificate cannot be used: ',
          'ca[0] must be',
          'resource[0] must be',
          'timeouts.connect must be',
          'timeouts.total is not an option',
          "binding must be 'required' or 'off'",
        ]) {
          assert.ok(error.message.includes(part), `${part} is not in: ${error.message}`)
        }
        assert.ok(!error.message.includes('PRIVATE KEY'))
        return true
      },
    )
  })

  test('a method that lives from a certificate does not go without', () => {
    assert.throws(() => createClient({ issuer, clientId: 'acme', authentication: 'tls_client_auth' }), {
      name: 'TypeError',
      message: 'client options: certificate is needed for authentication tls_client_auth',
    })
  })
})
