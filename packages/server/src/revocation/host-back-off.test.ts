import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostBackOff } from './host-back-off.ts'

const url = 'http://ocsp.example/a'

test('a host that was silent is left alone, whatever it is asked about, and others are not', () => {
  const hosts = hostBackOff()
  assert.equal(hosts.restsUntil(url, 1000), undefined)
  hosts.failed(url, 1000)
  const until = hosts.restsUntil('http://ocsp.example/b?c', 1001) ?? 0
  assert.ok(until >= 1009 && until <= 1011, String(until))
  assert.equal(hosts.restsUntil('http://ocsp.example:8080/a', 1001), undefined)
  assert.equal(hosts.restsUntil('https://ocsp.example/a', 1001), undefined)
})

test('after the pause one asks, and the others wait for what comes of it; the next pause is twice as long', () => {
  const hosts = hostBackOff()
  hosts.failed(url, 1000)
  assert.equal(hosts.restsUntil(url, 1012), undefined)
  assert.notEqual(hosts.restsUntil(url, 1012), undefined)
  hosts.failed(url, 1013)
  const until = hosts.restsUntil(url, 1014) ?? 0
  assert.ok(until >= 1031 && until <= 1035, String(until))
})

test('requests that were under way together are one failure', () => {
  const hosts = hostBackOff()
  for (let request = 0; request < 64; request++) hosts.failed(url, 1000)
  assert.ok((hosts.restsUntil(url, 1001) ?? Infinity) <= 1011)
})

test('pauses end at ten minutes, an answer ends them all, and so does a reload', () => {
  const hosts = hostBackOff()
  let now = 1000
  for (let failure = 0; failure < 20; failure++) {
    hosts.failed(url, now)
    now = hosts.restsUntil(url, now) ?? assert.fail()
    assert.equal(hosts.restsUntil(url, now), undefined)
  }
  hosts.failed(url, now)
  assert.ok((hosts.restsUntil(url, now) ?? Infinity) - now <= 660)
  hosts.answered(url)
  assert.equal(hosts.restsUntil(url, now), undefined)
  hosts.failed(url, now)
  hosts.forget()
  assert.equal(hosts.restsUntil(url, now), undefined)
})

test('a flood of hosts does not grow it without end', () => {
  const hosts = hostBackOff()
  for (let host = 0; host < 2000; host++) hosts.failed(`http://h${host}.example/`, 1000)
  assert.equal(hosts.restsUntil('http://h0.example/', 1001), undefined)
  assert.notEqual(hosts.restsUntil('http://h1999.example/', 1001), undefined)
})
