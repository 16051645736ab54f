import assert from 'node:assert/strict'
import test from 'node:test'
import { handshakeAdmission } from './handshake-admission.ts'

test('an IPv6 network of 64 bits counts as one address, however its addresses are written', () => {
  const admission = handshakeAdmission(100, 2)
  assert.equal(admission.enter('2001:db8:1:2::1'), undefined)
  assert.equal(admission.enter('2001:0db8:0001:0002:ffff:ffff:ffff:ffff'), undefined)
  assert.equal(admission.enter('2001:db8:1:2:3::'), 'address')
  assert.equal(admission.enter('2001:db8:1:3::1'), undefined, 'the neighbour')
  admission.leave('2001:db8:1:2:9::9')
  assert.equal(admission.enter('2001:db8:1:2::2'), undefined)
  assert.equal(admission.enter('fe80::1%eth0'), undefined)
  assert.equal(admission.enter('fe80::2%eth0'), undefined)
  assert.equal(admission.enter('fe80::3%eth1'), 'address')
})

test('IPv4 addresses count one by one, and all together are bound', () => {
  const admission = handshakeAdmission(3, 2)
  assert.equal(admission.enter('192.0.2.1'), undefined)
  assert.equal(admission.enter('192.0.2.1'), undefined)
  assert.equal(admission.enter('192.0.2.1'), 'address')
  assert.equal(admission.enter('192.0.2.2'), undefined)
  assert.equal(admission.enter('192.0.2.3'), 'listener')
  admission.leave('192.0.2.1')
  assert.equal(admission.enter('192.0.2.3'), undefined)
})
