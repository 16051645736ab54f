import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { headerLines } from './header-lines.ts'
import type { HeaderNames } from './header-lines.ts'

const nginx: HeaderNames = {
  certificate: 'x-ssl-cert',
  chain: undefined,
  verdict: 'x-ssl-verify',
  secret: 'x-proxy-secret',
  clientAddress: 'x-real-ip',
  companions: [],
}
const none: HeaderNames = {
  ...nginx,
  certificate: undefined,
  verdict: undefined,
  secret: undefined,
  clientAddress: undefined,
}

/** The names of the strip list, in the spelling of those who made them. */
const sensitive = [
  'Client-Cert', 'Client-Cert-Chain', 'X-SSL-CERT', 'X-SSL-Client-Cert', 'X-SSL-Client-Verify', 'SSL-Client-Cert',
  'SSL_CLIENT_CERT', 'SSL_CLIENT_VERIFY', 'X-Client-Cert', 'X-Client-Certificate', 'X-Client-Cert-Chain',
  'X-Forwarded-Client-Cert', 'X-Forwarded-Tls-Client-Cert', 'X-Forwarded-Tls-Client-Cert-Info', 'X-ARR-ClientCert',
  'MS-ASPNETCORE-CLIENTCERT', 'X-Amzn-Mtls-Clientcert', 'X-Amzn-Mtls-Clientcert-Leaf', 'Cf-Client-Cert-Der-Base64',
  'Client-To-Edge', 'X-Mtls-Cert',
] // prettier-ignore

test('the configured headers are found in any case, and counted', () => {
  const lines = headerLines(nginx)(['Host', 'a', 'X-SSL-Cert', 'one', 'x-real-ip', '1.2.3.4', 'X-Proxy-Secret', 's'])
  assert.equal(lines.certificate, 'one')
  assert.equal(lines.clientAddress, '1.2.3.4')
  assert.equal(lines.secret, 's')
  assert.equal(lines.host, 'a')
  assert.equal(lines.failure, undefined)
})

test('a second line of a header that counts is a repeat, whatever its case and value', () => {
  for (const second of ['X-SSL-CERT', 'x-ssl-cert', 'X-Ssl-Cert']) {
    const lines = headerLines(nginx)(['X-SSL-CERT', 'one', second, ''])
    assert.deepEqual(lines.failure, { reason: 'certificate_header_repeated', header: second })
  }
})

test('a name that differs in what separates its words only is a look-alike', () => {
  for (const name of [
    'X_SSL_CERT',
    'x-ssl_cert',
    'X_SSL-CERT',
    'x.ssl.cert',
    'XSSLCERT',
    'x--ssl-cert',
    'X_Proxy_Secret',
    'x_ssl_verify',
  ]) {
    assert.deepEqual(headerLines(nginx)([name, 'v']).failure, { reason: 'certificate_header_look_alike', header: name })
  }
})

test('every name of the strip list is unexpected where none is read, in every spelling', () => {
  for (const name of sensitive) {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase(), name.replaceAll('-', '_')]) {
      assert.deepEqual(headerLines(none)([spelling, 'v']).failure, {
        reason: 'certificate_header_unexpected',
        header: spelling,
      })
    }
  }
})

test('a certificate header of another terminator is unexpected beside the configured one, a companion is not', () => {
  assert.equal(headerLines(nginx)(['Client-Cert', ':AAAA:']).failure?.reason, 'certificate_header_unexpected')
  const traefik = {
    ...none,
    certificate: 'x-forwarded-tls-client-cert',
    companions: ['x-forwarded-tls-client-cert-info'],
  }
  assert.equal(headerLines(traefik)(['X-Forwarded-Tls-Client-Cert-Info', 'v']).failure, undefined)
})

test('ordinary headers are none of this', () => {
  for (const name of [
    'X-Forwarded-For',
    'X-SSL-Protocol',
    'X-Client-Id',
    'Client-Id',
    'Authorization',
    '__proto__',
    'constructor',
  ]) {
    assert.equal(headerLines(none)([name, 'v']).failure, undefined, name)
  }
})

test('more than 200 lines are refused without a look at them', () => {
  const many = Array.from({ length: 201 }, () => ['a', 'b']).flat()
  assert.deepEqual(headerLines(none)(many).failure, { reason: 'headers_too_many', count: 201, limit: 200 })
})

test('a reader does not remember the request before, however many spellings it has met', () => {
  const read = headerLines(nginx)
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 80 }), { maxLength: 20 }), (names) => {
      read(names.flatMap((name) => [name, 'v']))
      const clean = read(['Host', 'a'])
      assert.deepEqual([clean.host, clean.hosts, clean.certificate, clean.failure], ['a', 1, undefined, undefined])
      assert.equal(read(['X_SSL_CERT', '']).failure?.reason, 'certificate_header_look_alike')
    }),
    { numRuns: 300 },
  )
})
