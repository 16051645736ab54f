import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { authorizationDetails } from './authorization-details.ts'

const offered = new Map([
  ['payment_initiation', { required: ['instructedAmount'], optional: ['creditorName'] }],
  ['account_information', { required: [], optional: [] }],
])
const registered = ['payment_initiation']
const payment = {
  type: 'payment_initiation',
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  locations: ['https://api.example'],
}

function outcome(value: unknown): string {
  const result = authorizationDetails(typeof value === 'string' ? value : JSON.stringify(value), offered, registered)
  return result.ok ? `${result.value.length} details` : result.failure.reason
}

describe('authorizationDetails', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['RFC9396-M1 one object is taken', [payment], '1 details'],
    [
      'RFC9396-M1 several objects of one type are taken',
      [payment, { ...payment, creditorName: 'Merchant' }],
      '2 details',
    ],
    ['RFC9396-M1 an object is no array', payment, 'authorization_details_malformed'],
    ['RFC9396-M1 an empty array says nothing', [], 'authorization_details_malformed'],
    ['RFC9396-M1 no JSON', '[', 'authorization_details_malformed'],
    ['RFC9396-M1 an object without type', [{ instructedAmount: 1 }], 'authorization_details_malformed'],
    ['RFC9396-M1 a type that is no text', [{ type: 7 }], 'authorization_details_malformed'],
    ['RFC9396-M2 a type that nobody knows', [{ type: 'unheard_of' }], 'authorization_details_type_refused'],
    [
      'RFC9396-M2 a type that this client did not register',
      [{ type: 'account_information' }],
      'authorization_details_type_refused',
    ],
    [
      'RFC9396-M2 a type in another case',
      [{ ...payment, type: 'Payment_Initiation' }],
      'authorization_details_type_refused',
    ],
    [
      'RFC9396-M3 a member that the type does not know',
      [{ ...payment, debtor: 'x' }],
      'authorization_details_malformed',
    ],
    ['RFC9396-M3 a missing member', [{ type: 'payment_initiation' }], 'authorization_details_malformed'],
    [
      'RFC9396-M3 a common member of another shape',
      [{ ...payment, locations: 'https://api.example' }],
      'authorization_details_malformed',
    ],
    ['RFC9396-M3 one good, one bad', [payment, { type: 'payment_initiation' }], 'authorization_details_malformed'],
    ['RFC9396-M3 too many', Array.from({ length: 21 }, () => payment), 'authorization_details_malformed'],
    ['RFC9396-M3 too long', [{ ...payment, creditorName: 'x'.repeat(9_000) }], 'authorization_details_malformed'],
    [
      'RFC9396-M3 __proto__ is no member',
      '[{"type":"payment_initiation","instructedAmount":1,"__proto__":{}}]',
      'authorization_details_malformed',
    ],
  ]
  for (const [name, value, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(outcome(value), expected)
    })
  }

  test('any text is read or refused, never thrown at', () => {
    fc.assert(fc.property(fc.json(), (text) => typeof outcome(text) === 'string'))
  })
})
