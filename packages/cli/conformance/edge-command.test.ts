import assert from 'node:assert/strict'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import { createMasterKeyFile } from '@holdfast/server'
import { playHoldfast, type RunningProcess, startHoldfast, temporaryFolder } from './holdfast-process.ts'

const authority = createTestAuthority()
const names = ['login.example.com', 'mtls.login.example.com']

interface Answer {
  readonly status: number
  readonly body: string
  readonly shown: string
}

test('flags are enough: people and programs on one port, and the application learns who has which certificate', async (t) => {
  const folder = materials(t)
  const seen: IncomingMessage[] = []
  const application = createServer((asked, answer) => {
    seen.push(asked)
    answer.end('hello')
  })
  await new Promise<void>((listening) => application.listen(0, '127.0.0.1', listening))
  t.after(() => application.close())
  const { port: behind } = application.address() as AddressInfo
  const edge = startHoldfast(t, [...flags(behind), '--header', 'nginx', '--secret-file', 'secret', '--json'], {
    folder,
  })
  const port = await listening(edge)
  const client = authority.issue({ commonName: 'client' })
  assert.equal((await ask(port, 'mtls.login.example.com', { client })).body, 'hello')
  assert.equal((await ask(port, 'login.example.com', { headers: { 'x-ssl-cert': 'forged' } })).body, 'hello')
  assert.deepEqual(
    seen.map(({ headers }) => [
      decodeURIComponent(String(headers['x-ssl-cert'])).trim() === client.pem.trim(),
      headers['x-ssl-verify'],
      headers['holdfast-proxy-secret'],
    ]),
    [
      [true, 'FAILED:not judged', 'the-secret-that-the-edge-tells-0001'],
      [false, undefined, 'the-secret-that-the-edge-tells-0001'],
    ],
  )
  await edge.stderrUntil(/headers_stripped/)
  application.close()
  application.closeAllConnections()
  assert.equal((await ask(port, 'mtls.login.example.com', { client })).status, 502)
  edge.signal('SIGTERM')
  assert.equal((await edge.ended).exitCode, 0)
})

test('a new certificate is taken over by SIGHUP and when the files change, a broken one is not', async (t) => {
  const folder = materials(t)
  const edge = startHoldfast(t, [...flags(9), '--json'], { folder })
  const port = await listening(edge)
  const shown = async (): Promise<string> => (await ask(port, 'login.example.com')).shown
  const before = await shown()

  const second = authority.issueServer(names)
  replace(folder, second)
  edge.signal('SIGHUP')
  await edge.stderrUntil(/mtls\.login\.example\.com has a new certificate/)
  assert.equal(await shown(), second.thumbprint)
  assert.notEqual(before, second.thumbprint)

  writeFileSync(join(folder, 'server.key'), authority.issueServer(names).keyPem)
  edge.signal('SIGHUP')
  await edge.stderrUntil(/was not taken over: .* is not the key of/)
  assert.equal(await shown(), second.thumbprint)

  const third = authority.issueServer(names)
  replace(folder, third)
  await edge.stderrUntil(/(?:[^]*has a new certificate){4}/)
  assert.equal(await shown(), third.thumbprint)
})

test('a real server behind it, that knows the edge by its certificate, gives a token bound to the client’s', async (t) => {
  const folder = materials(t)
  const internal = createTestAuthority({ name: 'Internal' })
  const [own, proxy] = [internal.issueServer(['as.internal']), internal.issue({ san: { dns: ['edge.internal'] } })]
  for (const [name, text] of [
    ['as.pem', own.chainPem],
    ['as.key', own.keyPem],
    ['edge.pem', proxy.chainPem],
    ['edge.key', proxy.keyPem],
    ['internal.pem', internal.rootPem],
    ['partners.pem', authority.rootPem],
  ] as const)
    writeFileSync(join(folder, name), text)
  createMasterKeyFile(join(folder, 'master.key'))
  const configuration = {
    issuer: 'https://login.example.com',
    hosts: { 'login.example.com': { role: 'main' }, 'mtls.login.example.com': { role: 'mtls' } },
    listeners: [
      { address: `unix:${join(folder, 'main.sock')}`, hosts: ['login.example.com'] },
      {
        address: '127.0.0.1:0',
        hosts: ['mtls.login.example.com'],
        tls: { certificate: 'as.pem', key: 'as.key' },
        'client-certificate': { from: 'rfc9440', 'proxy-certificate': { trust: 'internal', name: 'edge.internal' } },
      },
    ],
    trust: { partners: { anchors: ['partners.pem'] }, internal: { anchors: ['internal.pem'] } },
    keys: { 'master-key-file': 'master.key' },
    clients: [
      {
        client_id: 'acme',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_dns: 'acme.example',
        trust: 'partners',
        tls_client_certificate_bound_access_tokens: true,
        grant_types: ['client_credentials'],
      },
    ],
  }
  writeFileSync(join(folder, 'holdfast.yaml'), JSON.stringify(configuration))
  assert.equal((await playHoldfast(['check'], folder)).exitCode, 0)
  const server = startHoldfast(t, ['serve', '--json'], { folder })
  const up = JSON.parse(await server.stdoutUntil(/\n/)) as { readonly listening: readonly string[] }
  const behind = Number(up.listening[1]?.split(':').at(-1))

  const edgeYaml = `
listen: 127.0.0.1:0
tls: { certificate: server.pem, key: server.key }
hosts:
  login.example.com: { role: main, upstream: "unix:main.sock" }
  mtls.login.example.com:
    role: mtls
    upstream:
      url: https://127.0.0.1:${behind}
      server-name: as.internal
      ca: internal.pem
      certificate: edge.pem
      key: edge.key
`
  writeFileSync(join(folder, 'edge.yaml'), edgeYaml)
  assert.equal(
    (await playHoldfast(['edge', '--config', 'edge.yaml', '--check'], folder)).stdout,
    'the configuration is right\n',
  )
  const edge = startHoldfast(t, ['edge', '--config', 'edge.yaml', '--json'], { folder })
  const port = await listening(edge)
  const client = authority.issue({ san: { dns: ['acme.example'] } })
  const form = 'grant_type=client_credentials&client_id=acme'
  const token = await ask(port, 'mtls.login.example.com', { client, path: '/token', form })
  assert.equal(token.status, 200, token.body)
  const { access_token: accessToken } = JSON.parse(token.body) as { readonly access_token: string }
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly cnf: Readonly<Record<string, string>>
  }
  assert.equal(claims.cnf['x5t#S256'], client.thumbprint)

  const stranger = authority.issue({ san: { dns: ['other.example'] } })
  assert.equal((await ask(port, 'mtls.login.example.com', { client: stranger, path: '/token', form })).status, 401)
  const metadata = await ask(port, 'login.example.com', { path: '/.well-known/oauth-authorization-server' })
  assert.equal((JSON.parse(metadata.body) as { readonly issuer: string }).issuer, 'https://login.example.com')

  // Past the edge: whoever connects to the server's listener himself is not its proxy, whatever certificate he has.
  const headers = { 'client-cert': `:${Buffer.from(client.der).toString('base64')}:` }
  for (const certificate of [undefined, client, internal.issue({ san: { dns: ['acme.example'] } })]) {
    const direct = await ask(behind, 'mtls.login.example.com', {
      path: '/token',
      form,
      headers,
      ...(certificate && { client: certificate }),
    })
    assert.equal(direct.status, 400)
  }
  for (const program of [edge, server]) {
    program.signal('SIGTERM')
    assert.equal((await program.ended).exitCode, 0)
  }
})

test('what is wrong with a file or with flags is said all at once, with lines and nearest names', async (t) => {
  const folder = materials(t)
  writeFileSync(
    join(folder, 'wrong.yaml'),
    `listn: ":443"
listen: nowhere
hosts:
  login.example.com: { role: maim, tls: { certificate: a.pem } }
  mtls.login.example.com: { role: mtls }
upstream: { url: "ftp://x", certificat: x }
limits: { requests: 0, upstream-timeout: soon }
`,
  )
  const { exitCode, stderr } = await playHoldfast(['edge', '--config', 'wrong.yaml'], folder)
  assert.equal(exitCode, 2)
  for (const expected of [
    'wrong.yaml:1: listn: unknown key\n  hint: did you mean listen?',
    'wrong.yaml:2: listen[0]: not an address',
    'wrong.yaml:4: hosts.login.example.com.role: not one of main, mtls',
    'wrong.yaml:4: hosts.login.example.com.tls.key: missing',
    'wrong.yaml:5: hosts.mtls.login.example.com.tls: no certificate for this host',
    'wrong.yaml:6: upstream.url: not an upstream',
    'wrong.yaml:6: upstream.certificat: unknown key\n  hint: did you mean certificate?',
    'wrong.yaml:7: limits.requests: not a number above 0',
    'wrong.yaml:7: limits.upstream-timeout: not a duration',
  ])
    assert.ok(stderr.includes(expected), `${expected}\n is missing in\n${stderr}`)
  for (const [words, message] of [
    [[], /--tls-cert is missing/],
    [flags(1).filter((word) => !/^--m|login/.test(word)), /no name to serve/],
    [[...flags(1), '--config', 'edge.yaml'], /--config says everything/],
    [['--config', 'none.yaml'], /none\.yaml cannot be read/],
    [[...flags(1), '--tls-key', 'none.key'], /none\.key cannot be read/],
    [[...flags(1), '--mtls', 'other.example.com'], /does not name other\.example\.com/],
    [[...flags(1), '--secret-file', 'server.pem'], /holds no secret/],
    [[...flags(1), '--upstream', 'x'], /upstream\.url: not an upstream/],
  ] as const) {
    const ended = await playHoldfast(['edge', ...words.filter((word) => word !== 'edge')], folder)
    assert.equal(ended.exitCode, 2)
    assert.match(ended.stderr, message)
  }
})

function flags(behind: number): string[] {
  const place = ['--listen', '127.0.0.1:0', '--upstream', `http://127.0.0.1:${behind}`]
  const served = ['--main', 'login.example.com', '--mtls', 'mtls.login.example.com']
  return ['edge', ...place, ...served, '--tls-cert', 'server.pem', '--tls-key', 'server.key']
}

function materials(t: TestContext): string {
  const folder = temporaryFolder(t)
  replace(folder, authority.issueServer(names))
  writeFileSync(join(folder, 'secret'), 'the-secret-that-the-edge-tells-0001\n')
  return folder
}

/** As certificate tools do it: a new file in the place of the old one. */
function replace(folder: string, certificate: TestCertificate): void {
  for (const [name, text] of [
    ['server.pem', certificate.chainPem],
    ['server.key', certificate.keyPem],
  ] as const) {
    writeFileSync(join(folder, `${name}.new`), text)
    renameSync(join(folder, `${name}.new`), join(folder, name))
    assert.equal(readFileSync(join(folder, name), 'utf8'), text)
  }
}

async function listening(edge: RunningProcess): Promise<number> {
  const up = JSON.parse(await edge.stdoutUntil(/\n/)) as { readonly listening: readonly string[]; readonly pid: number }
  assert.equal(up.pid, edge.pid)
  return Number(up.listening[0]?.split(':').at(-1))
}

function ask(
  port: number,
  host: string,
  more: {
    readonly client?: TestCertificate
    readonly path?: string
    readonly form?: string
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<Answer> {
  const { client, path = '/', form, headers = {} } = more
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      servername: host,
      path,
      method: form === undefined ? 'GET' : 'POST',
      agent: false,
      rejectUnauthorized: false,
      headers: {
        host,
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(client === undefined ? {} : { cert: client.chainPem, key: client.keyPem }),
    })
    sent.on('error', reject)
    sent.on('response', (answer) => {
      const { fingerprint256 } = (answer.socket as TLSSocket).getPeerCertificate()
      const shown = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, shown }))
    })
    sent.end(form)
  })
}
