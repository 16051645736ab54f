import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { Binding } from '../client-registration/registered-client.ts'
import { provenKey } from '../dpop/proven-key.ts'
import { tokenBinding } from './token-binding.ts'

const certificate = { thumbprint: 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } as PresentedCertificate
const bound = { ok: true, value: { confirmation: { 'x5t#S256': certificate.thumbprint } } }
const unbound = { ok: true, value: { confirmation: undefined } }
const refused = { ok: false, failure: { reason: 'binding_certificate_missing', role: 'main' } }

describe('tokenBinding', () => {
  const cases: readonly (readonly [string, Binding, PresentedCertificate | undefined, object])[] = [
    ['off, certificate there: not bound', 'off', certificate, unbound],
    ['off, none: not bound', 'off', undefined, unbound],
    ['if_present, certificate there: bound', 'if_present', certificate, bound],
    ['if_present, none: not bound', 'if_present', undefined, unbound],
    ['RFC8705-M16 required, certificate there: bound to its thumbprint', 'required', certificate, bound],
    ['RFC8705-M19 required, none: refused, never a bearer token', 'required', undefined, refused],
  ]
  for (const [name, binding, presented, expected] of cases) {
    test(name, () => {
      assert.deepEqual(tokenBinding({ binding }, presented, undefined, 'main'), expected)
    })
  }
})

describe('tokenBinding with a DPoP proof', () => {
  const key = provenKey('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
  const keyBound = { ok: true, value: { confirmation: { jkt: key.thumbprint } } }

  test('RFC9449-D20 the key binds, whether or not a certificate came as well', () => {
    for (const binding of ['off', 'if_present', 'required'] as const) {
      assert.deepEqual(tokenBinding({ binding }, certificate, key, 'mtls'), keyBound)
    }
    assert.deepEqual(tokenBinding({ binding: 'if_present' }, undefined, key, 'main'), keyBound)
  })

  test('RFC8705-M19 a proof does not stand in for the certificate that the client registered', () => {
    assert.deepEqual(tokenBinding({ binding: 'required' }, undefined, key, 'main'), refused)
  })

  test('RFC9449-D21 a client that registered it gets nothing without a proof, certificate or not', () => {
    const missing = { ok: false, failure: { reason: 'dpop_proof_missing' } }
    for (const presented of [certificate, undefined]) {
      assert.deepEqual(tokenBinding({ binding: 'if_present', dpop: 'required' }, presented, undefined, 'mtls'), missing)
    }
  })
})
