import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import type { ListenerOptions, PlainListenerOptions } from '../src/edge-options.ts'
import { clientTls, get, http1, makeNames, open, exchange1, startEdge, tlsOn } from './edge-under-test.ts'

const names = makeNames()
const escaped = encodeURIComponent(names.client.pem)
const loopback = { host: '127.0.0.1', port: 0 }
const mtlsHost = { host: 'mtls.login.test', role: 'mtls' } as const
const mainHost = { host: 'login.test', role: 'main' } as const
const secret = 'a-secret-of-more-than-32-characters-01'
const nextSecret = 'a-secret-of-more-than-32-characters-02'

function plain(more: Partial<PlainListenerOptions>): PlainListenerOptions {
  return { kind: 'plain', name: 'internal', address: loopback, hosts: [mtlsHost], ...more }
}

test('one Unix socket per trust level: a header gives a certificate on one, and refuses the request on the other', async (t) => {
  const directory = await temporaryDirectory(t)
  const [mainPath, mtlsPath] = [join(directory, 'main.sock'), join(directory, 'mtls.sock')]
  const { reasons } = await startEdge(t, [
    plain({ name: 'main', address: { path: mainPath }, hosts: [mainHost] }),
    plain({ name: 'mtls', address: { path: mtlsPath }, clientCertificate: { from: 'nginx' } }),
  ])
  const header = `X-SSL-CERT: ${escaped}`
  const { echo } = await http1({ path: mtlsPath }, get('mtls.login.test', [header, 'X-SSL-VERIFY: FAILED:x']))
  assert.equal(echo.thumbprint, names.client.thumbprint)
  assert.deepEqual(echo.source, { kind: 'header', preset: 'nginx', header: 'x-ssl-cert', verdict: 'FAILED:x' })
  assert.equal(echo.remoteAddress, null)
  assert.equal((await http1({ path: mtlsPath }, get('mtls.login.test'))).echo.thumbprint, null)
  assert.equal((await http1({ path: mainPath }, get('login.test'))).echo.role, 'main')
  assert.equal((await http1({ path: mainPath }, get('login.test', [header]))).status, 400)
  assert.equal((await http1({ path: mainPath }, get('mtls.login.test', [header]))).status, 421)
  assert.equal((await http1({ path: mtlsPath }, get('login.test', [header]))).status, 421)
  assert.deepEqual(reasons().sort(), ['certificate_header_unexpected', 'host_misdirected'])
})

test('a certificate header that is repeated, looks alike or does not decode gives no certificate and a refusal', async (t) => {
  const path = join(await temporaryDirectory(t), 'mtls.sock')
  await startEdge(t, [plain({ address: { path }, clientCertificate: { from: 'nginx' } })])
  const good = `X-SSL-CERT: ${escaped}`
  for (const [lines, reason] of [
    [[good, good], 'certificate_header_repeated'],
    [[good, 'x-ssl-cert: '], 'certificate_header_repeated'],
    [[good, `X_SSL_CERT: ${escaped}`], 'certificate_header_look_alike'],
    [[good, `X-SSL_CERT: ${escaped}`], 'certificate_header_look_alike'],
    [[`X_SSL_CERT: ${escaped}`], 'certificate_header_look_alike'],
    [[good, 'Client-Cert: :AAAA:'], 'certificate_header_unexpected'],
    [[good, 'X-Forwarded-Client-Cert: Hash=00'], 'certificate_header_unexpected'],
    [['X-SSL-CERT: spoofed'], 'certificate_header_malformed'],
    [[`X-SSL-CERT: ${escaped.slice(0, -60)}`], 'certificate_header_malformed'],
    [[`X-SSL-CERT: ${escaped}, ${escaped}`], 'certificate_header_malformed'],
  ] as const) {
    const { echo } = await http1({ path }, get('mtls.login.test', lines))
    assert.deepEqual([echo.thumbprint, echo.certificateRefusal?.reason], [null, reason], lines.join(' | ').slice(0, 60))
  }
  const { echo } = await http1({ path }, get('mtls.login.test', [good, 'Connection: X-SSL-CERT, X-SSL-VERIFY']))
  assert.equal(echo.thumbprint, names.client.thumbprint)
})

test('a certificate of 12 KB fits through the headers of an internal listener', async (t) => {
  const path = join(await temporaryDirectory(t), 'mtls.sock')
  await startEdge(t, [plain({ address: { path }, clientCertificate: { from: 'nginx' } })])
  const large = names.authority.issue({
    san: { dns: Array.from({ length: 500 }, (_, index) => `host-${index}.client.example`) },
  })
  assert.ok(large.der.length > 12_000)
  const { echo } = await http1({ path }, get('mtls.login.test', [`X-SSL-CERT: ${encodeURIComponent(large.pem)}`]))
  assert.equal(echo.thumbprint, large.thumbprint)
})

test('on TCP the secret of the proxy decides: missing, wrong or doubled, and the request is refused whole', async (t) => {
  const proof = { secretHeader: 'X-Proxy-Secret', secrets: [secret, nextSecret] }
  const { port, reasons } = await startEdge(t, [
    plain({ clientCertificate: { from: 'nginx' }, proof, clientAddressHeader: 'X-Forwarded-For' }),
  ])
  const ask = (lines: readonly string[]) =>
    http1({ port: port() }, get('mtls.login.test', [`X-SSL-CERT: ${escaped}`, ...lines]))
  for (const value of [secret, nextSecret]) {
    const { echo } = await ask([`X-Proxy-Secret: ${value}`, 'X-Forwarded-For: 6.6.6.6, 192.0.2.9'])
    assert.equal(echo.thumbprint, names.client.thumbprint)
    assert.equal(echo.remoteAddress, '192.0.2.9')
    assert.deepEqual(
      echo.headerNames.filter((name) => /secret/i.test(name)),
      [],
      'the secret goes no further',
    )
  }
  for (const [lines, reason] of [
    [[], 'proxy_proof_missing'],
    [[`X_Proxy_Secret: ${secret}`], 'proxy_proof_missing'],
    [[`X-Proxy-Secret: ${secret}x`], 'proxy_proof_wrong'],
    [[`X-Proxy-Secret: ${'x'.repeat(secret.length)}`], 'proxy_proof_wrong'],
    [['X-Proxy-Secret:'], 'proxy_proof_wrong'],
    [[`X-Proxy-Secret: ${secret}`, 'X-Proxy-Secret: y'], 'proxy_proof_repeated'],
  ] as const) {
    const answer = await ask(lines)
    assert.equal(answer.status, 400)
    assert.equal(reasons().at(-1), reason)
    assert.doesNotMatch(answer.text, /secret-of/)
  }
})

test('trusting addresses is said aloud, and connections from elsewhere are closed', async (t) => {
  const listener = (addresses: readonly string[]) =>
    plain({ clientCertificate: { from: 'nginx' }, proof: { dangerouslyTrustedAddresses: addresses } })
  const trusted = await startEdge(t, [listener(['127.0.0.0/8', '::1'])])
  assert.deepEqual(trusted.reasons(), ['trust_lowered'])
  const { echo } = await http1({ port: trusted.port() }, get('mtls.login.test', [`X-SSL-CERT: ${escaped}`]))
  assert.equal(echo.thumbprint, names.client.thumbprint)
  const elsewhere = await startEdge(t, [listener(['192.0.2.1'])])
  const refused = await http1({ port: elsewhere.port() }, get('mtls.login.test')).catch(() => undefined)
  assert.ok(refused === undefined || Number.isNaN(refused.status) || refused.status === 0)
  assert.deepEqual(elsewhere.reasons(), ['trust_lowered', 'address_not_trusted'])
})

test('options that would lower safety unsaid are refused at the start, with their path', async (t) => {
  for (const [options, path] of [
    [{ clientCertificate: { from: 'nginx' } }, /listeners\[0\]\.proof/],
    [{ clientAddressHeader: 'x-real-ip' }, /clientAddressHeader/],
    [{ proof: { secretHeader: 'x-s', secrets: ['short'] } }, /secrets/],
    [{ proof: { secretHeader: 'x-s', secrets: [] } }, /secrets/],
    [{ proof: { secretHeader: 'x-s', secrets: [secret, secret, secret] } }, /secrets/],
    [{ proof: { secretHeader: 'x s', secrets: [secret] } }, /secretHeader/],
    [{ proof: { dangerouslyTrustedAddresses: [] } }, /dangerouslyTrustedAddresses/],
    [{ proof: { dangerouslyTrustedAddresses: ['10.0.0.0/33'] } }, /dangerouslyTrustedAddresses/],
    [{ proof: { dangerouslyTrustedAddresses: ['localhost'] } }, /dangerouslyTrustedAddresses/],
    [{ hosts: [] }, /hosts/],
    [{ hosts: [{ host: '127.0.0.1', role: 'main' }] }, /hosts\[0\]\.host/],
  ] as const) {
    await assert.rejects(startEdge(t, [plain(options)]), path)
  }
  await assert.rejects(startEdge(t, [plain({}), plain({})]), /two are called "internal"/)
})

test('a path-style listener takes the certificate on the one host that says so', async (t) => {
  const path = join(await temporaryDirectory(t), 'one.sock')
  const hosts = [{ ...mainHost, certificate: 'taken' } as const, { host: 'other.test', role: 'main' } as const]
  await startEdge(t, [plain({ address: { path }, hosts, clientCertificate: { from: 'nginx' } })])
  const header = `X-SSL-CERT: ${escaped}`
  assert.equal((await http1({ path }, get('login.test', [header]))).echo.thumbprint, names.client.thumbprint)
  assert.equal((await http1({ path }, get('other.test', [header]))).status, 400)
})

test('the PROXY protocol gives the client’s address, in front of TLS and of plain HTTP', async (t) => {
  const { port, reasons } = await startEdge(t, [
    tlsOn([names.mtls], { proxyProtocol: 'v1-or-v2' }),
    plain({ hosts: [mainHost], proxyProtocol: 'v1' }),
  ])
  const v1 = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n')
  const v2 = Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'),
    Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xdc, 4, 1, 0xbb]),
  ])
  const { connect } = await import('node:tls')
  for (const [header, size] of [
    [v1, 1],
    [v1, 100],
    [v2, 1],
    [v2, 100],
  ] as const) {
    const wire = await open({ port: port('public') })
    wire.setNoDelay(true)
    for (let at = 0; at < header.length; at += size) {
      await new Promise<void>((resolve) => wire.write(header.subarray(at, at + size), () => setImmediate(resolve)))
    }
    const socket = connect({ ...clientTls(names, 'mtls.login.test', names.client), socket: wire })
    const { echo } = await exchange1(socket, get('mtls.login.test'))
    assert.deepEqual([echo.remoteAddress, echo.thumbprint], ['192.0.2.7', names.client.thumbprint])
  }
  const inOne = await http1({ port: port('internal') }, `${v1.toString()}${get('login.test')}`)
  assert.equal(inOne.echo.remoteAddress, '192.0.2.7')
  const local = await http1({ port: port('internal') }, `PROXY UNKNOWN\r\n${get('login.test')}`)
  assert.equal(local.echo.remoteAddress, '127.0.0.1')
  const without = await open({ port: port('internal') })
  assert.ok(!((await exchange1(without, get('login.test')).catch(() => ({ status: 0 }))).status === 200))
  assert.deepEqual(reasons(), ['proxy_header_missing'])
})

test('a PROXY header where none is configured is no TLS', async (t) => {
  const { port, reasons } = await startEdge(t, [tlsOn([names.mtls])])
  await http1({ port: port() }, 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n').catch(() => undefined)
  assert.deepEqual(reasons(), ['client_hello_not_tls'])
})

test('a socket file that a killed process left is taken over, one that is served or no socket is not', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'edge.sock')
  const listener: ListenerOptions = plain({ address: { path, mode: 0o600 }, hosts: [mainHost] })
  const script = `require('node:net').createServer().listen(process.argv[1], () => console.log('listening'))`
  const other = spawn(process.execPath, ['-e', script, path])
  t.after(() => other.kill('SIGKILL'))
  await once(other.stdout, 'data')
  await assert.rejects(startEdge(t, [listener]), /EADDRINUSE/)
  other.kill('SIGKILL')
  await once(other, 'exit')
  assert.ok(existsSync(path), 'left behind')
  const { edge } = await startEdge(t, [listener])
  assert.equal((await http1({ path }, get('login.test'))).status, 200)
  await edge.close(0)
  writeFileSync(path, 'a file')
  await assert.rejects(startEdge(t, [listener]), /EADDRINUSE|ENOTSOCK/)
  assert.ok(existsSync(path))
  chmodSync(path, 0o600)
  const fresh = join(directory, 'fresh.sock')
  await startEdge(t, [{ ...listener, address: { path: fresh, mode: 0o600 } }])
  assert.equal(statSync(fresh).mode & 0o777, 0o600)
})
