import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemMaking } from '../cert/making.ts'
import { whyItMatters } from './cause.ts'
import { checks } from './checks.ts'
import { deploymentOf } from './deployment.ts'
import { forgeries } from './forgery.ts'
import { byTerminator, mendOf } from './mend.ts'
import { answered, failed } from './probe/seen.ts'
import { sessionForName } from './probe/session-for-name.ts'
import { recogniseTerminator } from './recognise-terminator.ts'
import { throwAwayCertificates, triedSizes } from './throw-away-certificates.ts'

test('the checks are numbered from 1', () => {
  assert.deepEqual(
    checks.map(({ number }) => number),
    Array.from({ length: 25 }, (_, index) => index + 1),
  )
})

test('every cause can be mended or explained, and what is said of a terminator concerns a known cause', () => {
  for (const cause of Object.keys(whyItMatters) as (keyof typeof whyItMatters)[])
    assert.notEqual(mendOf(cause, 'unknown').text, '')
  for (const mends of Object.values(byTerminator))
    for (const cause of Object.keys(mends)) assert.ok(cause in whyItMatters, cause)
})

describe('the metadata say where the two sides are', () => {
  const issuer = 'https://login.example.com'
  const of = (alias: string | undefined): ReturnType<typeof deploymentOf> =>
    deploymentOf(issuer, {
      issuer,
      token_endpoint: `${issuer}/token`,
      ...(alias === undefined ? {} : { mtls_endpoint_aliases: { token_endpoint: alias } }),
    })
  for (const [alias, style, base] of [
    ['https://mtls.login.example.com/token', 'name', ''],
    ['https://login.example.com:8443/token', 'port', ''],
    ['https://login.example.com/mtls/token', 'path', '/mtls'],
    ['http://mtls.login.example.com/token', 'one_side', undefined],
    [undefined, 'one_side', undefined],
  ] as const)
    test(`an alias ${alias ?? 'that is not there'} means ${style}`, () => {
      const deployment = of(alias)
      assert.equal(deployment.style, style)
      assert.equal(deployment.mtls?.base, base)
    })
})

test('a session that Node keeps with its name is offered to another; a bare one stays as it is', () => {
  const prefix = Buffer.from('\0nodejs:tls:session:1\0')
  const wrapped = Buffer.concat([prefix, Buffer.of(0, 3), Buffer.from('a.b'), Buffer.from('session')])
  assert.deepEqual(
    sessionForName(wrapped, 'cc.dd'),
    Buffer.concat([prefix, Buffer.of(0, 5), Buffer.from('cc.dd'), Buffer.from('session')]),
  )
  assert.deepEqual(sessionForName(Buffer.from('bare'), 'cc.dd'), Buffer.from('bare'))
})

test('a header that a preset reads is forged in its encoding and in four spellings, another one in two', () => {
  const made = forgeries(
    ['X-SSL-CERT', 'X-Client-Verify'],
    [{ header: 'x-ssl-cert', decoder: 'pem-urlencoded' }],
    Buffer.of(1),
  )
  assert.deepEqual(
    made.map(({ header, spelling }) => [header, spelling]),
    [
      ['X-SSL-CERT', 'plain'],
      ['X_SSL_CERT', 'underscore'],
      ['x-sSl-cErT', 'case'],
      ['X-SSL-CERT', 'twice'],
      ['X-Client-Verify', 'plain'],
      ['X_Client_Verify', 'underscore'],
    ],
  )
  assert.match(made[0]?.value ?? '', /^-----BEGIN%20CERTIFICATE-----%0A/)
})

describe('the terminator is recognised', () => {
  const marks = (headers: Readonly<Record<string, string>>, nonsense = ''): string =>
    recogniseTerminator({ marks: { headers: [headers], nonsense }, certificates: [], forgeries: [] })
  for (const [headers, nonsense, name] of [
    [{ server: 'nginx/1.22.1' }, '', 'nginx'],
    [{ server: 'nginx', via: 'kong/3.4' }, '', 'kong'],
    [{ server: 'cloudflare', 'cf-ray': '1' }, '', 'cloudflare'],
    [{ server: 'Microsoft-Azure-Application-Gateway/v2' }, '', 'azure'],
    [
      {},
      'HTTP/1.0 400 Bad request\r\n\r\n<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n',
      'haproxy',
    ],
    [{}, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', 'holdfast'],
    [{}, '', 'unknown'],
  ] as const)
    test(name, () => {
      assert.equal(marks(headers, nonsense), name)
    })
})

test('an alert, a closed connection and a missing one are told apart', () => {
  const error = (code: string): Error => Object.assign(new Error(code), { code })
  assert.equal(failed(error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')).kind, 'tls_refused')
  assert.equal(failed(error('ECONNRESET')).kind, 'closed')
  assert.equal(failed(error('ECONNREFUSED')).kind, 'no_connection')
})

test('an answer is JSON, a page, empty or something else; the echo is known by its members', () => {
  assert.equal(answered(401, {}, '{"error":"invalid_client"}').error, 'invalid_client')
  assert.equal(answered(400, {}, '<html><body>').body, 'html')
  assert.equal(answered(400, {}, '').body, 'empty')
  assert.equal(answered(200, {}, '{broken').body, 'other')
  assert.equal(answered(200, {}, '{"request_refusal":null,"source":"none"}').echo?.source, 'none')
})

test('throw-away certificates have the sizes that they are asked for, and one is full of + and /', () => {
  const made = throwAwayCertificates(systemMaking)
  for (const kilobytes of triedSizes) {
    const size = made.sized.get(kilobytes)?.der.length ?? 0
    assert.ok(Math.abs(size - kilobytes * 1024) < 200, `${kilobytes} KB: ${size}`)
  }
  const base64 = Buffer.from(made.plusAndSlash.der).toString('base64')
  assert.ok(base64.split('+').length > 100 && base64.split('/').length > 50)
  assert.notEqual(made.plain.thumbprint, made.forged.thumbprint)
})
