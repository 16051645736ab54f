import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { realPart } from '../black-box/real-part.ts'
import { runClient } from '../clients/run-client.ts'

const guide = resolve(import.meta.dirname, '../../docs/guide/behind-nginx.md')
const escaped = (pem: string): string => encodeURIComponent(pem)

test('the set-up of docs/guide/behind-nginx.md, as it stands there, with a real nginx', async (t) => {
  if (!realPart(t, 'nginx') || !realPart(t, 'curl')) return
  const site = await startSite(t)

  await t.test(
    'a client with its certificate gets a token bound to it, over TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2',
    async () => {
      for (const version of [['--tls-max', '1.2'], ['--tlsv1.3']])
        for (const http of ['--http1.1', '--http2']) {
          const answer = await site.token(site.mtls, [...version, http, ...site.certificate('acme')])
          assert.equal(answer.status, 200, `${version.join(' ')} ${http}: ${JSON.stringify(answer.body)}`)
          assert.deepEqual(claimsOf(answer.body).cnf, { 'x5t#S256': site.thumbprint('acme') })
        }
    },
  )

  await t.test('metadata announces the aliases of the certificate host', async () => {
    const answer = await site.curl([`https://${site.main}/.well-known/openid-configuration`])
    const metadata = answer.body as { issuer: string; mtls_endpoint_aliases: Record<string, string> }
    assert.equal(metadata.mtls_endpoint_aliases['token_endpoint'], `https://${site.mtls}/token`)
  })

  await t.test(
    'no certificate, a stranger of the same CA, a self-made namesake, an expired one: a JSON error of the server',
    async () => {
      assert.equal((await site.token(site.mtls, [])).body['error'], 'invalid_client')
      for (const name of ['stranger', 'namesake', 'expired']) {
        const answer = await site.token(site.mtls, site.certificate(name))
        assert.equal(answer.status, 401, name)
        assert.equal(answer.body['error'], 'invalid_client', name)
      }
    },
  )

  await t.test('a forged certificate header never authenticates: names, spellings, duplicates, hosts', async () => {
    const pem = escaped(site.pem('acme'))
    const der = Buffer.from(site.pem('acme').replaceAll(/-----[^-]+-----|\s/g, ''), 'base64').toString('base64')
    const forgeries = [
      ['X-SSL-CERT', pem],
      ['x-ssl-cert', pem],
      ['X_SSL_CERT', pem],
      ['X-SSL_CERT', pem],
      ['X-SSL-Client-Cert', pem],
      ['Ssl-Client-Cert', pem],
      ['Client-Cert', `:${der}:`],
      ['client_cert', `:${der}:`],
      ['X-Client-Cert', der],
      ['X-ARR-ClientCert', der],
      ['X-Forwarded-Tls-Client-Cert', der],
      ['X-Forwarded-Client-Cert', `Cert="${pem}"`],
      ['X-Amzn-Mtls-Clientcert', pem],
      ['Cf-Client-Cert-Der-Base64', der],
    ] as const
    for (const [name, value] of forgeries)
      for (const host of [site.main, site.mtls])
        for (const http of ['--http1.1', '--http2']) {
          const answer = await site.token(host, [http, '-H', `${name}: ${value}`])
          assert.notEqual(answer.status, 200, `${name} through ${host} with ${http}`)
          const twice = await site.token(host, [http, '-H', `${name}: ${value}`, '-H', `${name}: ${value}`])
          assert.notEqual(twice.status, 200, `${name} twice through ${host} with ${http}`)
        }
  })

  await t.test(
    'beside a real certificate a forged header changes nothing, and Connection: cannot take the real one away',
    async () => {
      const forged = await site.token(site.mtls, [
        ...site.certificate('stranger'),
        '-H',
        `X-SSL-CERT: ${escaped(site.pem('acme'))}`,
      ])
      assert.equal(forged.body['error'], 'invalid_client')
      for (const connection of ['close, X-SSL-CERT', 'close, X-SSL-VERIFY']) {
        const answer = await site.token(site.mtls, [
          '--http1.1',
          ...site.certificate('acme'),
          '-H',
          `Connection: ${connection}`,
        ])
        assert.equal(answer.status, 200)
        assert.deepEqual(claimsOf(answer.body).cnf, { 'x5t#S256': site.thumbprint('acme') })
      }
    },
  )

  await t.test('TLS name and Host that disagree end in 421 or without a certificate', async () => {
    const forgery = ['-H', `X-SSL-CERT: ${escaped(site.pem('acme'))}`]
    for (const [tls, host] of [
      [site.main, site.mtls],
      [site.mtls, site.main],
    ] as const)
      for (const http of ['--http1.1', '--http2']) {
        const answer = await site.token(tls, [http, '-H', `Host: ${host}`, ...forgery])
        assert.notEqual(answer.status, 200, `SNI ${tls}, Host ${host}, ${http}`)
      }
  })
})

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function startSite(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-nginx-'))
  const port = await freePort()
  const inFolder = (path: string): string => join(folder, path)
  const authority = createTestAuthority()
  const namesake = createTestAuthority()
  const certificates = {
    acme: authority.issue({ commonName: 'acme', san: { dns: ['acme.example'] } }),
    stranger: authority.issue({ commonName: 'stranger', san: { dns: ['stranger.example'] } }),
    namesake: namesake.issue({ commonName: 'acme', san: { dns: ['acme.example'] } }),
    expired: authority.issue({
      commonName: 'acme',
      san: { dns: ['acme.example'] },
      notBefore: 1_600_000_000,
      notAfter: 1_600_086_400,
    }),
  }
  const servers = authority.issueServer(['login.example.com', 'mtls.login.example.com'])
  await Promise.all(['tls', 'ca', 'run', 'clients'].map((name) => mkdir(inFolder(name))))
  for (const name of ['login', 'mtls']) {
    await writeFile(inFolder(`tls/${name}.pem`), servers.pem + servers.chainPem)
    await writeFile(inFolder(`tls/${name}.key`), servers.keyPem)
  }
  await writeFile(inFolder('ca/partners.pem'), authority.rootPem)
  await writeFile(inFolder('ca/issuing.pem'), authority.issuing.pem)
  await writeFile(inFolder('master.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  for (const [name, certificate] of Object.entries(certificates)) {
    await writeFile(inFolder(`clients/${name}.pem`), certificate.pem)
    await writeFile(inFolder(`clients/${name}.key`), certificate.keyPem)
  }
  const text = await readFile(guide, 'utf8')
  const here = (block: string): string =>
    block
      .replaceAll('/etc/holdfast', folder)
      .replaceAll('/run/holdfast', inFolder('run'))
      .replaceAll('/var/lib/holdfast', folder)
      .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
      .replaceAll('$host;', '$http_host;')
      .replace('issuer: https://login.example.com', `issuer: https://login.example.com:${port}`)
      .replaceAll(/^ {2}((?:mtls\.)?login\.example\.com):/gm, `  "$1:${port}":`)
      .replaceAll(/hosts: \[([^\]]+)\]/g, `hosts: ["$1:${port}"]`)
  await writeFile(inFolder('holdfast.yaml'), `${here(blockOf(text, 'yaml'))}management: { address: "127.0.0.1:0" }\n`)
  await writeFile(
    inFolder('nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {} user root;
http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
${here(blockOf(text, 'nginx'))} }`,
  )
  const bin = resolve(import.meta.dirname, '../../packages/cli/bin/holdfast.js')
  const server = start(t, process.execPath, [bin, 'serve', '--config', inFolder('holdfast.yaml')])
  await until(
    () => existsSync(inFolder('run/mtls.sock')) && existsSync(inFolder('run/main.sock')),
    server,
    'holdfast serve',
  )
  const nginx = start(t, 'nginx', ['-c', inFolder('nginx.conf'), '-p', folder, '-e', inFolder('error.log')])
  t.after(() => rm(folder, { recursive: true, force: true }))

  const main = `login.example.com:${port}`
  const mtls = `mtls.login.example.com:${port}`
  const resolved = [main, mtls].flatMap((name) => ['--connect-to', `${name}:127.0.0.1:${port}`])
  async function curl(args: readonly string[]): Promise<Answer> {
    const answer = await runClient('curl', [
      '-sS',
      '-w',
      '\n%{http_code}',
      '--cacert',
      inFolder('ca/partners.pem'),
      ...resolved,
      ...args,
    ])
    const at = answer.stdout.lastIndexOf('\n')
    const body = answer.stdout.slice(0, at)
    return {
      status: Number(answer.stdout.slice(at + 1)),
      body: (body.startsWith('{') ? JSON.parse(body) : { text: body }) as Answer['body'],
    }
  }
  await until(async () => (await curl([`https://${main}/jwks`])).status === 200, nginx, 'nginx')
  return {
    main,
    mtls,
    curl,
    token: (host: string, args: readonly string[]) =>
      curl([...args, '-d', 'grant_type=client_credentials&client_id=acme', `https://${host}/token`]),
    certificate: (name: string) => [
      '--cert',
      inFolder(`clients/${name}.pem`),
      '--key',
      inFolder(`clients/${name}.key`),
    ],
    pem: (name: keyof typeof certificates) => certificates[name].pem,
    thumbprint: (name: keyof typeof certificates) =>
      createHash('sha256').update(certificates[name].der).digest('base64url'),
  }
}

function claimsOf(body: Answer['body']): { readonly cnf?: unknown } {
  return JSON.parse(Buffer.from(String(body['access_token']).split('.')[1] ?? '', 'base64url').toString()) as {
    cnf?: unknown
  }
}

function blockOf(text: string, language: string): string {
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1]
  if (block === undefined) throw new Error(`the guide has no ${language} block`)
  return block
}

function start(t: TestContext, command: string, args: readonly string[]): ChildProcess & { complaint: string } {
  const child = Object.assign(
    spawn(command, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
    }),
    { complaint: '' },
  )
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (child.complaint = (child.complaint + chunk.toString()).slice(-4000)))
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  t.after(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return child
}

async function until(
  ready: () => boolean | Promise<boolean>,
  child: ChildProcess & { complaint: string },
  name: string,
): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await ready()) return
    if (child.exitCode !== null) break
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${name} did not come up:\n${child.complaint}`)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
