import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import test from 'node:test'
import type { TestContext } from 'node:test'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { createTestAuthority, fixedClock, temporaryDirectory } from '@holdfast/testkit'
import type { FixedClock, TestCertificate } from '@holdfast/testkit'
import { createAnchorSet } from '@holdfast/x509'
import type { AnchorSet } from '@holdfast/x509'
import type { ProxyCertificateOptions } from '../src/edge-options.ts'
import type { EdgeUnderTest } from './edge-under-test.ts'
import { exchange1, get, http1, identity, makeNames, open, startEdge, untilTaken } from './edge-under-test.ts'
import { skipWithout, start as startProgram } from './real-program.ts'

const names = makeNames()
const internal = createTestAuthority({ name: 'Internal' })
const own = internal.issueServer(['holdfast.internal'])
const now = Math.floor(Date.now() / 1000)
const san = { dns: ['proxy.internal'] }
const proxy = internal.issue({ commonName: 'proxy', san, notAfter: now + 3600 })
const header = `X-SSL-CERT: ${encodeURIComponent(names.client.pem)}`
const pinned: ProxyCertificateOptions = { thumbprints: [proxy.thumbprint] }
const name = { kind: 'dns', name: 'proxy.internal' } as const

interface ProxiedEdge extends EdgeUnderTest {
  readonly clock: FixedClock
  readonly tls: (shown?: TestCertificate, more?: ConnectionOptions) => ConnectionOptions
}

async function start(t: TestContext, proxyCertificate: ProxyCertificateOptions): Promise<ProxiedEdge> {
  const clock = fixedClock(now)
  const proof = { tls: identity(own), proxyCertificate }
  const hosts = [{ host: 'mtls.login.test', role: 'mtls' } as const]
  const address = { host: '127.0.0.1', port: 0 }
  const listener = {
    kind: 'plain',
    name: 'internal',
    address,
    hosts,
    clientCertificate: { from: 'nginx' },
    proof,
  } as const
  const edge = await startEdge(t, [listener], {}, undefined, clock)
  return {
    ...edge,
    clock,
    tls: (shown, more) => ({
      servername: 'holdfast.internal',
      ca: internal.rootPem,
      ...(shown === undefined ? {} : { cert: shown.chainPem, key: shown.keyPem }),
      ...more,
    }),
  }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: only the pinned proxy is let in, and the client is who its header says`, async (t) => {
    const { port, tls, reasons } = await start(t, pinned)
    const ask = (shown: TestCertificate | undefined, lines: readonly string[] = [header]) =>
      http1({ port: port(), tls: tls(shown, { maxVersion: version }) }, get('mtls.login.test', lines))
    const { echo } = await ask(proxy)
    assert.equal(echo.thumbprint, names.client.thumbprint)
    assert.deepEqual([echo.source?.kind, echo.tls], ['header', null])
    assert.equal((await ask(proxy, [])).echo.thumbprint, null, 'the proxy’s own certificate makes nobody a client')

    for (const [shown, reason] of [
      [undefined, 'proxy_certificate_missing'],
      [internal.issue({ commonName: 'proxy', san }), 'proxy_certificate_not_pinned'],
      [names.client, 'proxy_certificate_not_pinned'],
    ] as const) {
      for (const lines of [[header], []]) {
        const answer = await ask(shown, lines)
        assert.equal(answer.status, 400)
        assert.equal(reasons().at(-1), reason)
        assert.match(answer.text, /did not come through the configured proxy/)
      }
    }
  })
}

test('a proxy whose certificate expires is refused from the next request on, also on its open connection', async (t) => {
  for (const proxyCertificate of [pinned, { anchors: () => anchorsOf(internal.rootDer), name }]) {
    const { port, tls, clock, reasons } = await start(t, proxyCertificate)
    const socket = (await open({ port: port(), tls: tls(proxy) })) as TLSSocket
    const kept = `GET / HTTP/1.1\r\nHost: mtls.login.test\r\n${header}\r\n\r\n`
    socket.write(kept)
    assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200/)
    clock.advance(3600)
    socket.write(kept)
    assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200/)
    clock.advance(1)
    const { status } = await exchange1(socket, kept)
    assert.equal(status, 400)
    assert.deepEqual(reasons(), ['proxy_certificate_expired'])
  }
})

test('a proxy that anchors vouch for needs the name too, and anchors that are replaced count at once', async (t) => {
  let anchors = anchorsOf(internal.rootDer)
  const { port, tls, reasons } = await start(t, { anchors: () => anchors, name })
  const ask = async (shown: TestCertificate) => {
    const answer = await http1({ port: port(), tls: tls(shown) }, get('mtls.login.test', [header]))
    return answer.status === 200 ? answer.echo.thumbprint : reasons().at(-1)
  }
  assert.equal(await ask(proxy), names.client.thumbprint)
  assert.equal(await ask(internal.issue({ san: { dns: ['other.internal'] } })), 'proxy_certificate_name')
  assert.equal(await ask(names.authority.issue({ san })), 'proxy_certificate_path')
  assert.equal(await ask(internal.issue({ san, notBefore: now + 60 })), 'proxy_certificate_not_yet_valid')

  const socket = (await open({ port: port(), tls: tls(proxy) })) as TLSSocket
  const kept = `GET / HTTP/1.1\r\nHost: mtls.login.test\r\n${header}\r\n\r\n`
  socket.write(kept)
  assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200/)
  anchors = anchorsOf(names.authority.rootDer)
  assert.equal((await exchange1(socket, kept)).status, 400)
})

test('the listener shows a new certificate once it was replaced, and keeps the old one when the new is unusable', async (t) => {
  const { edge, port, tls } = await start(t, pinned)
  const shown = async (): Promise<string | undefined> => {
    const socket = (await open({ port: port(), tls: tls(proxy) })) as TLSSocket
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  }
  const next = internal.issueServer(['holdfast.internal'])
  assert.equal(await shown(), own.thumbprint)
  edge.replaceListenerCertificate('internal', identity(next))
  assert.equal(await shown(), next.thumbprint)
  assert.throws(() => edge.replaceListenerCertificate('internal', { certificate: 'x', key: 'y' }))
  assert.throws(() => edge.replaceListenerCertificate('nowhere', identity(next)), /no listener called/)
  assert.equal(await shown(), next.thumbprint)
})

test('plain HTTP and a TLS client that hangs up leave the listener as it was', async (t) => {
  const { port, tls, reasons } = await start(t, pinned)
  await http1({ port: port() }, get('mtls.login.test', [header])).catch(() => undefined)
  assert.deepEqual(reasons(), ['handshake_failed'])
  assert.equal((await http1({ port: port(), tls: tls(proxy) }, get('mtls.login.test', [header]))).status, 200)
  await assert.rejects(start(t, { thumbprints: ['abc'] }), /thumbprints\[0\]/)
  await assert.rejects(start(t, { thumbprints: [] }), /thumbprints/)
})

test(
  'nginx with proxy_ssl_certificate is let in, and one without it is not',
  { skip: skipWithout('nginx') },
  async (t) => {
    const folder = await temporaryDirectory(t)
    const { port, reasons } = await start(t, { anchors: () => anchorsOf(internal.rootDer), name })
    for (const [file, text] of [
      ['proxy.pem', proxy.chainPem],
      ['proxy.key', proxy.keyPem],
      ['internal.pem', internal.rootPem],
    ] as const)
      writeFileSync(join(folder, file), text)
    const towards = `proxy_pass https://127.0.0.1:${port()}; proxy_set_header Host mtls.login.test;
      proxy_set_header X-SSL-CERT "${encodeURIComponent(names.client.pem)}"; proxy_ssl_verify on; proxy_ssl_verify_depth 3;
      proxy_ssl_trusted_certificate ${folder}/internal.pem; proxy_ssl_name holdfast.internal; proxy_ssl_server_name on;`
    const shows = `proxy_ssl_certificate ${folder}/proxy.pem; proxy_ssl_certificate_key ${folder}/proxy.key;`
    const paths = ['b', 'p', 'f', 'u', 's']
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http {
  access_log off; ${kinds.map((kind, index) => `${kind}_temp_path ${folder}/${paths[index] ?? ''};`).join(' ')}
  server { listen unix:${folder}/with.sock; location / { ${towards} ${shows} } }
  server { listen unix:${folder}/without.sock; location / { ${towards} } }
}
`,
    )
    const nginx = startProgram('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder])
    t.after(() => nginx.stop())
    await untilTaken(join(folder, 'without.sock'), () => nginx.child.exitCode !== null)
    const { echo } = await http1({ path: join(folder, 'with.sock') }, get('any.test'))
    assert.equal(echo.thumbprint, names.client.thumbprint)
    assert.equal((await http1({ path: join(folder, 'without.sock') }, get('any.test'))).status, 400)
    assert.deepEqual(reasons(), ['proxy_certificate_missing'])
  },
)

function anchorsOf(root: Uint8Array): AnchorSet {
  const set = createAnchorSet({ name: 'internal', anchors: [root] })
  if (!set.ok) throw new Error(set.failure.reason)
  return set.value
}
