import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemMaking } from '../cert/making.ts'
import { whyItMatters } from './cause.ts'
import { clocks } from './check/clocks.ts'
import { checks } from './checks.ts'
import { deploymentOf } from './deployment.ts'
import type { Evidence } from './evidence.ts'
import { forgeries } from './forgery.ts'
import { byTerminator, mendOf } from './mend.ts'
import { earlyDataOf } from './probe/early-data-of.ts'
import type { HandshakeFacts } from './probe/open-connection.ts'
import { answered, failed } from './probe/seen.ts'
import { sessionForName } from './probe/session-for-name.ts'
import { recogniseTerminator } from './recognise-terminator.ts'
import { certificateFault } from './server-certificate.ts'
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

test('a clock half a minute off is none of a good deployment, and an unknown one is not called right', () => {
  const said = (clockAhead: number | undefined): string => {
    const verdict = clocks.decide({ clockAhead } as Evidence, 'nginx')
    return verdict.outcome === 'found' ? (verdict.findings[0]?.what ?? '') : verdict.outcome
  }
  assert.deepEqual([undefined, 0, -30, 30].map(said), ['unknown', 'good', 'good', 'good'])
  assert.match(said(61), /61 seconds ahead of/)
  assert.match(said(-3600), /3600 seconds behind/)
})

test('what a session says of early data is found behind what comes before it, and nowhere else', () => {
  const der = (tag: number, ...content: readonly (Buffer | number)[]): Buffer => {
    const inside = Buffer.concat(content.map((one) => (typeof one === 'number' ? Buffer.of(one) : one)))
    const length = inside.length < 0x80 ? [inside.length] : [0x82, inside.length >> 8, inside.length & 0xff]
    return Buffer.concat([Buffer.of(tag, ...length), inside])
  }
  const before = [der(0x02, 1), der(0x04, Buffer.alloc(300)), der(0xa3, der(0x30))]
  const session = der(0x30, ...before, der(0xaf, der(0x02, 0x40, 0x00)), der(0xb0, der(0x04)))
  assert.equal(earlyDataOf(session), 16_384)
  const named = Buffer.concat([Buffer.from('\0nodejs:tls:session:1\0'), Buffer.of(0, 3), Buffer.from('a.b'), session])
  assert.equal(earlyDataOf(named), 16_384)
  assert.equal(earlyDataOf(der(0x30, ...before)), 0)
  for (let length = 0; length < session.length; length++) assert.equal(earlyDataOf(session.subarray(0, length)), 0)
})

test('a certificate that only we do not know is no fault of the server; one that has ended, or is another’s, is', () => {
  const facts = (distrustCode: string, ...until: readonly number[]): HandshakeFacts =>
    ({
      distrustCode,
      names: ['other.example'],
      sent: until.map((end, at) => ({ subject: `S${at}`, issuer: `S${at + 1}`, until: end })),
    }) as unknown as HandshakeFacts
  const fault = (code: string, ca: 'named' | 'of_the_system', ...until: readonly number[]): string | undefined =>
    certificateFault(facts(code, ...until), ca, 1000)?.what
  assert.equal(fault('DEPTH_ZERO_SELF_SIGNED_CERT', 'named', 2000), undefined)
  assert.equal(fault('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'of_the_system', 2000), undefined)
  assert.match(fault('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'named', 2000) ?? '', /without that of the CA .*\(S1\)/)
  assert.match(
    fault('CERT_HAS_EXPIRED', 'named', 500, 2000) ?? '',
    /^shows a certificate that has ended since 1970-01-01$/,
  )
  assert.match(fault('CERT_HAS_EXPIRED', 'named', 2000, 500) ?? '', /that of the CA S1 above it/)
  assert.match(fault('ERR_TLS_CERT_ALTNAME_INVALID', 'named', 2000) ?? '', /for other\.example/)
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
