import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { authenticationFor, reportedContext } from './authentication-context.ts'

const passkey = { time: 1, amr: ['hwk'], acr: 'phr', meets: ['mfa'] }

describe('the authentication context', () => {
  test('a login is every context that it meets, and of several the first that was wanted', () => {
    assert.equal(reportedContext(['mfa'], passkey), 'mfa')
    assert.equal(reportedContext(['gold', 'mfa', 'phr'], passkey), 'mfa')
    assert.equal(reportedContext(['gold'], passkey), undefined)
    assert.equal(reportedContext([], passkey), undefined)
    assert.equal(reportedContext(['mfa'], { time: 1, amr: [] }), undefined)
  })

  test('a client is told in its own words where they fit, what is essential before what is only wished for', () => {
    const acrOf = (essentialAcr: readonly string[], acrValues: readonly string[]): string | undefined =>
      authenticationFor({ essentialAcr, acrValues }, passkey).acr
    assert.equal(acrOf(['mfa'], ['phr']), 'mfa')
    assert.equal(acrOf([], ['gold', 'mfa']), 'mfa')
    assert.equal(acrOf([], ['gold']), 'phr')
    assert.equal(acrOf([], []), 'phr')
    assert.deepEqual(authenticationFor({ essentialAcr: [], acrValues: ['x'] }, { time: 1, amr: [] }), {
      time: 1,
      amr: [],
    })
  })
})
