import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { Exchange, RefusedExchange } from '@holdfast/edge'
import { fixedClock } from '@holdfast/testkit'
import { certificateHeaderShape } from './certificate-header-shape.ts'
import { createDoctorEcho, type DoctorEcho } from './doctor-echo.ts'

const token = 'a token of forty characters, for a test.'
const clock = fixedClock(1_000)
const echo = createDoctorEcho({
  issuer: 'https://login.example.com',
  token,
  until: 1_060,
  listeners: new Map([['1:/run/mtls.sock', { source: 'header', header: 'x-ssl-cert' }]]),
  clock,
})

function exchange(headers: Readonly<Record<string, string>>): Exchange {
  return {
    request: { method: 'GET', url: '/doctor/echo', headers },
    listener: '1:/run/mtls.sock',
    host: 'mtls.example.com',
    role: 'mtls',
    certificateRefusal: { reason: 'certificate_header_repeated', header: 'x-ssl-cert' },
  } as unknown as Exchange
}

test('the echo says what arrived to whoever shows the token', () => {
  const answer = echo.served(
    exchange({ authorization: `Bearer ${token}`, 'x-ssl-cert': '-----BEGIN CERTIFICATE----- MII' }),
  )
  const body = JSON.parse(answer?.body ?? '') as DoctorEcho
  assert.equal(body.issuer, 'https://login.example.com')
  assert.equal(body.source, 'header')
  assert.equal(body.certificate, null)
  assert.equal(body.certificate_refusal, 'certificate_header_repeated')
  assert.deepEqual(body.header, { name: 'x-ssl-cert', length: 31, shape: 'pem_flat' })
})

test('without the token, with another one, or after its time, the echo answers nothing', () => {
  assert.equal(echo.served(exchange({})), undefined)
  assert.equal(echo.served(exchange({ authorization: `Bearer ${token}x` })), undefined)
  assert.equal(echo.served(exchange({ authorization: token })), undefined)
  const late = createDoctorEcho({
    issuer: 'https://login.example.com',
    token,
    until: 1_000,
    listeners: new Map(),
    clock,
  })
  assert.equal(late.served(exchange({ authorization: `Bearer ${token}` })), undefined)
})

test('at any path the doctor is answered with what it asked and the digest of its body; nobody else is', async () => {
  const asked = (method: string, headers: Readonly<Record<string, string>>, ...body: readonly string[]) => {
    const told: { head?: readonly unknown[]; text?: string } = {}
    const request = Object.assign(Readable.from(body), { method, url: '/token', headers })
    const ended = new Promise<typeof told>((done) => {
      const response = {
        headersSent: false,
        destroyed: false,
        writeHead: (...head: readonly unknown[]) => (told.head = head),
        end: (text: string) => {
          told.text = text
          done(told)
        },
      }
      const intercepted = echo.intercepts({ ...exchange(headers), request, response } as unknown as Exchange)
      if (!intercepted) done(told)
    })
    return ended
  }
  const authorization = `Bearer ${token}`
  const post = await asked('POST', { authorization, 'holdfast-doctor': 'q1' }, 'grant_type=', 'x')
  const { asked: question, body } = JSON.parse(post.text ?? '') as DoctorEcho
  assert.equal(question, 'q1')
  assert.deepEqual(body, {
    length: 12,
    'sha-256': createHash('sha256').update('grant_type=x').digest('base64url'),
  })
  const got = await asked('GET', { authorization, 'holdfast-doctor': 'q'.repeat(80) })
  const plain = JSON.parse(got.text ?? '') as DoctorEcho
  assert.equal(plain.body, null)
  assert.equal(plain.asked, 'q'.repeat(64))
  assert.deepEqual(await asked('POST', { authorization }), {})
  assert.deepEqual(await asked('POST', { authorization: 'Bearer x', 'holdfast-doctor': 'q1' }), {})
})

test('a request that the edge refused is explained at the path of the echo, or to the doctor’s question', () => {
  const refused = (url: string, more: Readonly<Record<string, string>> = {}): RefusedExchange =>
    ({
      request: { method: 'GET', url, headers: { authorization: `Bearer ${token}`, ...more } },
      status: 400,
      refusal: { reason: 'certificate_header_unexpected', header: 'Client-Cert' },
      listener: '0:/run/main.sock',
    }) as unknown as RefusedExchange
  const body = JSON.parse(echo.refused(refused('/doctor/echo'))?.body ?? '') as DoctorEcho
  assert.equal(body.request_refusal, 'certificate_header_unexpected')
  assert.equal(body.refused_header, 'Client-Cert')
  assert.equal(echo.refused(refused('/token')), undefined)
  assert.notEqual(echo.refused(refused('/token', { 'holdfast-doctor': 'q' })), undefined)
})

test('the shape of a header value is told without decoding it', () => {
  for (const [value, shape] of [
    ['', 'empty'],
    ['::', 'empty'],
    ['-----BEGIN%20CERTIFICATE-----%0AMII', 'pem_urlencoded'],
    ['-----BEGIN CERTIFICATE----- MII', 'pem_flat'],
    [':MIIB+/=:', 'rfc9440'],
    ['MIIB+/=', 'base64'],
    ['MIIB / =', 'base64_with_blanks'],
    [':{http.request.tls.client.certificate_der_base64}:', 'placeholder'],
    ['Hash=ab;Cert="x"', 'xfcc'],
    ['3082012A', 'hexadecimal'],
    ['"MIIB"', 'quoted'],
    ['§', 'other'],
  ] as const)
    assert.equal(certificateHeaderShape(value), shape, value)
})
