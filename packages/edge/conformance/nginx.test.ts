import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { createSelfSignedCertificate, temporaryDirectory } from '@holdfast/testkit'
import type { Answer, EdgeUnderTest } from './edge-under-test.ts'
import {
  clientTls,
  exchange1,
  get,
  http1,
  http2,
  makeNames,
  open,
  openHttp2,
  startEdge,
  untilTaken,
} from './edge-under-test.ts'
import { connectionTricks, forgedHeaders } from './forged-headers.ts'
import { skipWithout, start } from './real-program.ts'

const skip = skipWithout('nginx')
const names = makeNames()
const victim = names.authority.issue({ commonName: 'victim' })

test(
  'nginx with two server blocks: only the mtls one asks, and the certificate arrives over its own socket',
  { skip },
  async (t) => {
    const { tidy } = await behindNginx(t)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const [name, asked] of [
        ['login.test', false],
        ['', false],
        ['mtls.login.test', true],
      ] as const) {
        const socket = connectTls({ path: tidy, ...clientTls(names, name), minVersion: version, maxVersion: version })
        const requested = await new Promise<boolean>((resolve, reject) => {
          socket.once('secureConnect', () => resolve(socket.getSharedSigalgs().length > 0))
          socket.once('error', reject)
        })
        assert.equal(requested, asked, `${version} ${name}`)
        socket.destroy()
      }
      const tls = { ...clientTls(names, 'mtls.login.test', names.client), maxVersion: version }
      const { echo } = await http1({ path: tidy, tls }, post('mtls.login.test', 'grant_type=client_credentials'))
      assert.deepEqual(
        [echo.listener, echo.thumbprint, echo.body],
        ['mtls', names.client.thumbprint, 'grant_type=client_credentials'],
      )
      assert.match(echo.source?.verdict ?? '', /^FAILED:/)
      const session = await openHttp2(t, { path: tidy, tls })
      assert.equal((await http2(session, { ':authority': 'mtls.login.test' })).echo.thumbprint, names.client.thumbprint)
    }
    const without = await http1({ path: tidy, tls: clientTls(names, 'mtls.login.test') }, get('mtls.login.test'))
    assert.deepEqual(
      [without.echo.thumbprint, without.echo.certificateRefusal, without.echo.remoteAddress],
      [null, null, null],
    )
    const main = await http1({ path: tidy, tls: clientTls(names, 'login.test', names.client) }, get('login.test'))
    assert.deepEqual([main.echo.listener, main.echo.thumbprint], ['main', null])
  },
)

test(
  'nginx with error_page 495 hands on expired, future, wrong-purpose and self-signed certificates, bodies included',
  { skip },
  async (t) => {
    const { tidy } = await behindNginx(t)
    const certificates = [
      names.authority.issue({ notBefore: 1_600_000_000, notAfter: 1_600_000_100 }),
      names.authority.issue({ notBefore: 4_000_000_000, notAfter: 4_000_000_100 }),
      names.authority.issue({ eku: ['serverAuth'] }),
      createSelfSignedCertificate({ commonName: 'self' }),
      names.authority.issue({
        san: { dns: Array.from({ length: 150 }, (_, index) => `host-${index}.client.example`) },
      }),
    ]
    for (const certificate of certificates) {
      const tls = clientTls(names, 'mtls.login.test', certificate)
      const { echo } = await http1({ path: tidy, tls }, post('mtls.login.test', 'a=b'))
      assert.deepEqual([echo.thumbprint, echo.body], [certificate.thumbprint, 'a=b'])
    }
  },
)

test(
  'RFC8705-M13 RFC8705-M27 RFC9700-4.13 no forged header gains anything through an nginx that strips nothing',
  { skip },
  async (t) => {
    const { lax, sockets } = await behindNginx(t)
    const forged = forgedHeaders(victim)
    // The matrix has teeth: past the proxy, the same header would be believed.
    const believed = [`X-SSL-CERT: ${encodeURIComponent(victim.pem)}`, 'X-SSL-VERIFY: SUCCESS']
    const direct = await http1({ path: sockets.mtls }, get('mtls.login.test', believed))
    assert.equal(direct.echo.thumbprint, victim.thumbprint)

    let passed = 0
    for (const [name, certificate] of [
      ['login.test', names.client],
      ['mtls.login.test', undefined],
      ['mtls.login.test', names.client],
    ] as const) {
      const own = name === 'mtls.login.test' ? (certificate?.thumbprint ?? null) : null
      for (const batch of batches(forged, 8)) {
        await Promise.all(
          batch.map(async ({ label, lines }) => {
            const headers = lines.map(([header, value]) => `${header}: ${value}`)
            const answer = await http1({ path: lax, tls: clientTls(names, name, certificate) }, get(name, headers))
            assertRealOrNone(answer, own, `${name} ${label}`)
            if (answer.status === 200 && answer.echo.thumbprint !== null) passed++
          }),
        )
      }
    }
    assert.ok(passed > 0, 'nginx overwrites X-SSL-CERT: the real certificate arrives in spite of a forged one')
  },
)

test(
  'RFC8705-M13 through nginx, SNI of one host and Host of the other with a forged header reach no certificate',
  { skip },
  async (t) => {
    const { lax, tidy } = await behindNginx(t)
    for (const path of [lax, tidy]) {
      for (const [name, host] of [
        ['login.test', 'mtls.login.test'],
        ['mtls.login.test', 'login.test'],
      ] as const) {
        for (const header of ['X-SSL-CERT', 'x-ssl-cert', 'X_SSL_CERT', 'Client-Cert']) {
          const target = { path, tls: clientTls(names, name) }
          const answer = await http1(target, get(host, [`${header}: ${encodeURIComponent(victim.pem)}`]))
          assert.doesNotMatch(answer.text, new RegExp(victim.thumbprint))
          if (answer.status === 200) assert.deepEqual([answer.echo.listener, answer.echo.thumbprint], ['main', null])
          else assert.ok([400, 421].includes(answer.status), `${answer.status}`)
          const session = await openHttp2(t, target)
          const over2 = await http2(session, {
            ':authority': host,
            [header.toLowerCase()]: encodeURIComponent(victim.pem),
          })
          assert.doesNotMatch(over2.text, new RegExp(victim.thumbprint))
          session.close()
        }
      }
    }
  },
)

test('RFC8705-M13 through nginx, no Connection trick removes or changes the certificate', { skip }, async (t) => {
  const { lax, tidy } = await behindNginx(t)
  for (const path of [lax, tidy]) {
    for (const trick of connectionTricks) {
      const socket = await open({ path, tls: clientTls(names, 'mtls.login.test', names.client) })
      const answer = await exchange1(socket, `GET / HTTP/1.1\r\nHost: mtls.login.test\r\nConnection: ${trick}\r\n\r\n`)
      assert.equal(answer.echo.thumbprint, names.client.thumbprint, trick)
      assert.match(answer.echo.source?.verdict ?? '', /^FAILED:/, trick)
    }
  }
})

interface BehindNginx {
  /** Sockets of nginx: as it should be configured, and one that strips nothing and lets underscores through. */
  readonly tidy: string
  readonly lax: string
  readonly sockets: { readonly main: string; readonly mtls: string }
  readonly under: EdgeUnderTest
}

async function behindNginx(t: TestContext): Promise<BehindNginx> {
  const directory = await temporaryDirectory(t)
  const at = (file: string): string => join(directory, file)
  const sockets = { main: at('main.sock'), mtls: at('mtls.sock') }
  const under = await startEdge(t, [
    { kind: 'plain', name: 'main', address: { path: sockets.main }, hosts: [{ host: 'login.test', role: 'main' }] },
    {
      kind: 'plain',
      name: 'mtls',
      address: { path: sockets.mtls },
      hosts: [{ host: 'mtls.login.test', role: 'mtls' }],
      clientCertificate: { from: 'nginx', verdict: 'required' },
    },
  ])
  for (const [name, identity] of [
    ['main', names.login],
    ['mtls', names.mtls],
  ] as const) {
    writeFileSync(at(`${name}.crt`), identity.certificate)
    writeFileSync(at(`${name}.key`), identity.key, { mode: 0o600 })
  }
  const blocks = (listen: string, strip: string, http: string): string => `
  server {
    listen unix:${at(listen)} ssl http2 default_server;
    server_name login.test;
    ${http}
    ssl_certificate main.crt; ssl_certificate_key main.key;
    location / { proxy_pass http://unix:${sockets.main}; proxy_set_header Host $host; ${strip} }
  }
  server {
    listen unix:${at(listen)} ssl http2;
    server_name mtls.login.test;
    ${http}
    ssl_certificate mtls.crt; ssl_certificate_key mtls.key;
    ssl_verify_client optional_no_ca;
    error_page 495 = @app;
    location / { try_files /nonexistent @app; }
    location @app {
      proxy_pass http://unix:${sockets.mtls};
      proxy_set_header Host $host;
      proxy_set_header X-SSL-CERT $ssl_client_escaped_cert;
      proxy_set_header X-SSL-VERIFY $ssl_client_verify;
    }
  }`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`)
  writeFileSync(
    at('nginx.conf'),
    `daemon off; worker_processes 1; pid ${at('nginx.pid')}; error_log ${at('error.log')};
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http {
  access_log off; ${temporary.join(' ')}
  ssl_protocols TLSv1.2 TLSv1.3;
  large_client_header_buffers 8 32k;
  ${blocks('tidy.sock', 'proxy_set_header X-SSL-CERT ""; proxy_set_header X-SSL-VERIFY "";', '')}
  ${blocks('lax.sock', '', 'underscores_in_headers on; ignore_invalid_headers off;')}
}
`,
  )
  const nginx = start('nginx', ['-p', directory, '-c', at('nginx.conf')])
  t.after(() => nginx.stop())
  await untilTaken(at('lax.sock'), () => nginx.child.exitCode !== null)
  assert.equal(nginx.child.exitCode, null, 'nginx did not start')
  return { tidy: at('tidy.sock'), lax: at('lax.sock'), sockets, under }
}

function assertRealOrNone(answer: Answer, own: string | null, label: string): void {
  assert.doesNotMatch(answer.text, new RegExp(victim.thumbprint), label)
  if (answer.status === 200) assert.ok([null, own].includes(answer.echo.thumbprint), label)
  else assert.ok([400, 421].includes(answer.status), `${label}: ${answer.status}`)
}

function post(host: string, body: string): string {
  return `POST /token HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

function batches<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
