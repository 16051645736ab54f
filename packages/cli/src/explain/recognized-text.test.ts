import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recognizedText } from './recognized-text.ts'

test('what a client was recognised by is one clause, with its PSD2 roles where a certificate states any', () => {
  const dns = { kind: 'san_dns', value: 'acme.example' } as const
  assert.equal(recognizedText(dns, undefined), 'the certificate names the DNS name acme.example')
  const organization = { kind: 'organization_identifier', value: 'PSDGB-FCA-1' } as const
  const named = 'the certificate names the organization identifier PSDGB-FCA-1, and states'
  assert.equal(
    recognizedText(organization, { roles: ['PSP_PI', 'PSP_AI'], authority: 'GB-FCA' }),
    `${named} PSP_PI, PSP_AI, authorized by GB-FCA`,
  )
  assert.equal(
    recognizedText(organization, { roles: [], authority: 'GB-FCA' }),
    `${named} no PSD2 role, authorized by GB-FCA`,
  )
})
