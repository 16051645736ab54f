import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { Binding } from '../client-registration/registered-client.ts'
import { certificateBoundAccessToken } from './certificate-bound-access-token.ts'

const certificate = { thumbprint: 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } as PresentedCertificate
const bound = { ok: true, value: { confirmation: { 'x5t#S256': certificate.thumbprint } } }
const unbound = { ok: true, value: { confirmation: undefined } }
const refused = { ok: false, failure: { reason: 'binding_certificate_missing', role: 'main' } }

describe('certificateBoundAccessToken', () => {
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
      assert.deepEqual(certificateBoundAccessToken(binding, presented, 'main'), expected)
    })
  }
})
