import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { clientMetadataMembers } from '@holdfast/core'
import { temporaryDirectory } from '@holdfast/testkit'
import { configSchema } from './config-schema.ts'
import { formatProblem } from './configuration-problem.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'
import { mtlsBase } from '../metadata-settings.ts'
import { loadConfiguration } from './load-configuration.ts'
import { accepted, minimal, refused, sqlitePath } from './loaded-file.test.ts'

test('the listeners of the contract, behind a proxy on two sockets, are accepted', async (t) => {
  const { configuration, directory } = await accepted(
    t,
    minimal.replace(
      /listeners:[\s\S]*?trust:/,
      `listeners:
  - address: unix:./main.sock
    hosts: [login.example.com]
  - address: unix:/run/holdfast/mtls.sock
    hosts: [mtls.login.example.com]
    client-certificate: { from: nginx }
trust:`,
    ),
  )
  assert.deepEqual(configuration.listeners[0]?.address, { kind: 'unix', path: join(directory, 'main.sock') })
  assert.deepEqual(configuration.listeners[1]?.clientCertificate?.proof, { kind: 'socket' })
  assert.equal(configuration.listeners[1]?.clientCertificate?.from, 'nginx')
})

test('JSON is read as well', async (t) => {
  const { configuration } = await accepted(
    t,
    JSON.stringify({
      issuer: 'https://localhost:8443',
      hosts: { 'localhost:8443': { role: 'main' }, 'localhost:8444': { role: 'mtls' } },
      listeners: [
        { address: '127.0.0.1:8443', hosts: ['localhost:8443'], tls: { certificate: 'a', key: 'b' } },
        { address: '[::1]:8444', hosts: ['localhost:8444'], tls: { certificate: 'a', key: 'b' } },
      ],
      store: { url: 'memory:' },
    }),
  )
  assert.deepEqual(configuration.listeners[1]?.address, { kind: 'tcp', host: '::1', port: 8444 })
  assert.equal(sqlitePath(configuration), ':memory:')
})

test('all problems come at once, with path, line, expectation and hint', async (t) => {
  const problems = await refused(
    t,
    `issuer: https://login.example.com
hosts:
  login.example.com: { role: mian }
listners: []
listeners:
  - address: 0.0.0.0:443
    tls: { certifcate: a, key: b }
tokens:
  access-token-lifetime: 5 minutes
limits:
  body-bytes: 3
`,
  )
  assert.deepEqual(
    problems.map(({ path, line, problem, expected, hint }) => [line, path, problem, expected, hint]),
    [
      [3, 'hosts["login.example.com"].role', 'not "mian"', 'main | mtls | login-certificate', 'did you mean main?'],
      [4, 'listners', 'unknown key', undefined, 'did you mean listeners?'],
      [7, 'listeners[0].tls.certificate', 'missing', 'string', undefined],
      [7, 'listeners[0].tls.certifcate', 'unknown key', undefined, 'did you mean certificate?'],
      [
        9,
        'tokens.access-token-lifetime',
        'not "5 minutes"',
        'whole seconds, or a number with s, m, h or d, such as 15m',
        undefined,
      ],
      [11, 'limits.body-bytes', 'not 3', 'at least 1024', undefined],
    ],
  )
  assert.equal(
    formatProblem(problems[1] as ConfigurationProblem, 'holdfast.yaml'),
    'holdfast.yaml:4: listners: unknown key\n  hint: did you mean listeners?',
  )
})

test('an unknown key does not hide what is wrong with the others', async (t) => {
  const problems = await refused(
    t,
    minimal.replace('trust: partners', 'trust: partnrs').replace('issuer: https:', 'isuer: x\nissuer: http:'),
  )
  assert.deepEqual(
    problems.map(({ line, path, problem }) => [line, path, problem]),
    [
      [2, 'isuer', 'unknown key'],
      [3, 'issuer', 'must be https'],
      [17, 'clients[0].trust', 'no such trust profile'],
    ],
  )
})

test('problems that span several keys come at once too', async (t) => {
  const problems = await refused(
    t,
    `issuer: http://other.example.com/
hosts:
  login.example.com: { role: main }
  mtls.login.example.com: { role: mtls }
  unused.example.com: { role: main }
listeners:
  - address: 0.0.0.0:80
    hosts: [login.example.com]
  - address: 10.0.0.1:81
    hosts: [mtls.login.example.com]
    client-certificate: { from: ngnix }
trust:
  partners: { anchors: [a.pem] }
store: { url: mysql://root:hunter2@db }
clients:
  - client_id: acme
    token_endpoint_auth_method: tls_client_auth
    tls_client_auth_san_dns: acme.example
    trust: partner
    grant_types: [client_credentials]
  - client_id: acme
    token_endpoint_auth_method: none
    grant_types: [client_credentials]
`,
  )
  const found = problems.map(({ path, line }) => `${line ?? '-'} ${path}`)
  for (const expected of [
    '1 issuer',
    '5 hosts["unused.example.com"]',
    '11 listeners[1].client-certificate',
    '11 listeners[1].client-certificate.from',
    '14 store.url',
    '19 clients[0].trust',
  ]) {
    assert.ok(found.includes(expected), `${expected} is missing in ${found.join(', ')}`)
  }
  assert.ok(!JSON.stringify(problems).includes('hunter2'))
})

test('a header on a TCP listener needs proof of the proxy', async (t) => {
  const listener = (certificate: string): string =>
    minimal.replace(
      /listeners:[\s\S]*?trust:/,
      `listeners:
  - { address: 127.0.0.1:8080, hosts: [login.example.com] }
  - { address: 127.0.0.1:8081, hosts: [mtls.login.example.com], client-certificate: ${certificate} }
trust:`,
    )
  const problems = await refused(t, listener('{ from: nginx }'))
  assert.deepEqual(
    problems.map(({ path }) => path),
    ['listeners[1].client-certificate'],
  )
  const secret = 'x'.repeat(32)
  const bySecret = await accepted(t, listener(`{ from: nginx, proxy-secret: ${secret} }`))
  assert.equal(bySecret.configuration.listeners[1]?.clientCertificate?.proof.kind, 'secret')
  assert.deepEqual(bySecret.configuration.dangers, [])
  const byAddress = await accepted(t, listener('{ from: nginx, dangerously-trust-addresses: [10.0.0.2] }'))
  assert.deepEqual(byAddress.configuration.dangers, ['listeners[1].client-certificate.dangerously-trust-addresses'])
})

test('two secrets of a proxy are believed while it changes from one to the other', async (t) => {
  const [now, before] = ['n'.repeat(32), 'b'.repeat(32)]
  const listener = (secrets: string): string =>
    minimal.replace(
      /listeners:[\s\S]*?trust:/,
      `listeners:
  - { address: 127.0.0.1:8080, hosts: [login.example.com] }
  - { address: 127.0.0.1:8081, hosts: [mtls.login.example.com], client-certificate: { from: nginx, ${secrets} } }
trust:`,
    )
  const both = await accepted(t, listener(`proxy-secret: ${now}, previous-proxy-secret: ${before}`))
  assert.deepEqual(both.configuration.listeners[1]?.clientCertificate?.proof, {
    kind: 'secret',
    header: 'Holdfast-Proxy-Secret',
    secret: now,
    previous: before,
  })
  const at = 'listeners[1].client-certificate'
  for (const [secrets, paths] of [
    [`previous-proxy-secret: ${before}`, [at, `${at}.previous-proxy-secret`]],
    [`proxy-secret: ${now}, previous-proxy-secret-file: ./gone`, [`${at}.previous-proxy-secret-file`]],
    [`proxy-secret: ${now}, proxy-secret-file: ./gone`, [at, `${at}.proxy-secret-file`]],
  ] as const) {
    const problems = await refused(t, listener(secrets))
    assert.deepEqual(
      problems.map(({ path }) => path),
      paths,
      secrets,
    )
  }
})

test('in path style the path asks for certificates, and only behind a terminator', async (t) => {
  const pathStyle = (hosts: string, listeners: string): string =>
    minimal.replace(/hosts:[\s\S]*?trust:/, `hosts:\n${hosts}\nlisteners:\n${listeners}\ntrust:`)
  const hosts = '  login.example.com: { role: main }\n  login.example.com/mtls: { role: mtls }'
  const both = '[login.example.com, login.example.com/mtls]'
  const own = await accepted(
    t,
    pathStyle(
      hosts,
      `  - { address: "unix:a.sock", hosts: [login.example.com] }
  - { address: "unix:b.sock", hosts: [login.example.com/mtls], client-certificate: { from: nginx } }`,
    ),
  )
  assert.equal(mtlsBase(own.configuration), 'https://login.example.com/mtls')
  const one = await accepted(
    t,
    pathStyle(hosts, `  - { address: "unix:a.sock", hosts: ${both}, client-certificate: { from: nginx } }`),
  )
  assert.deepEqual(one.configuration.listeners[0]?.hosts, ['login.example.com', 'login.example.com/mtls'])
  const tls = `  - { address: "127.0.0.1:8443", hosts: ${both}, tls: { certificate: a, key: b } }`
  const listener = `  - { address: "unix:a.sock", hosts: ${both}, client-certificate: { from: nginx } }`
  for (const [written, listeners, expected] of [
    [hosts, tls, 'listeners[0].hosts[1]'],
    [hosts.replace('mtls }', 'main }'), listener, 'hosts["login.example.com/mtls"].role'],
    [
      hosts.replace('mtls }', 'mtls, tls: { certificate: a, key: b } }'),
      listener,
      'hosts["login.example.com/mtls"].tls',
    ],
    [hosts.replace('com/mtls', 'com/other'), listener, 'hosts["login.example.com/other"]'],
    [hosts.replace('  login.example.com:', '  other.example.com:'), listener, 'hosts["login.example.com/mtls"]'],
  ] as const) {
    const paths = (await refused(t, pathStyle(written, listeners))).map(({ path }) => path)
    assert.ok(paths.includes(expected), `${expected}: ${paths.join(', ')}`)
  }
})

test('a proxy may prove itself by a certificate, pinned or vouched for, over the tls of the listener', async (t) => {
  const tls = 'tls: { certificate: ./internal.pem, key: ./internal.key }'
  const listener = (proof: string, own = tls): string =>
    minimal.replace(
      /listeners:[\s\S]*?trust:/,
      `listeners:
  - { address: 127.0.0.1:8080, hosts: [login.example.com] }
  - address: 127.0.0.1:8443
    hosts: [mtls.login.example.com]
    ${own}
    client-certificate: { from: nginx, proxy-certificate: ${proof} }
trust:`,
    )
  const hex = 'AB:'.repeat(31) + 'AB'
  const pinned = await accepted(t, listener(`{ thumbprints: ["${hex}"] }`))
  assert.deepEqual(pinned.configuration.listeners[1]?.clientCertificate?.proof, {
    kind: 'certificate',
    thumbprints: [Buffer.alloc(32, 0xab).toString('base64url')],
  })
  const vouched = await accepted(t, listener('{ trust: partners, name: proxy.internal }'))
  assert.deepEqual(vouched.configuration.listeners[1]?.clientCertificate?.proof, {
    kind: 'vouched-certificate',
    trust: 'partners',
    name: { kind: 'dns', name: 'proxy.internal' },
  })
  for (const [text, path, hint] of [
    [
      listener('{ thumbprints: ["abc"] }'),
      'listeners[1].client-certificate.proxy-certificate.thumbprints[0]',
      /thumbprint/,
    ],
    [listener('{ trust: partner, name: x.y }'), 'listeners[1].client-certificate.proxy-certificate.trust', /partners/],
    [listener('{ trust: partners, name: "*.y" }'), 'listeners[1].client-certificate.proxy-certificate.name', /./],
    [listener('{ trust: partners }'), 'listeners[1].client-certificate.proxy-certificate', /./],
    [listener(`{ thumbprints: ["${hex}"] }`, ''), 'listeners[1].client-certificate.proxy-certificate', /tls/],
  ] as const) {
    const [problem] = await refused(t, text)
    assert.equal(problem?.path, path)
    assert.match(`${problem.problem} ${problem.expected ?? ''} ${problem.hint ?? ''}`, hint)
  }
})

test('a listener that takes certificates never serves a main host', async (t) => {
  const text = minimal.replace(
    /listeners:[\s\S]*?trust:/,
    'listeners:\n  - { address: "unix:/run/x.sock", client-certificate: { from: nginx } }\ntrust:',
  )
  const problems = await refused(t, text)
  assert.match(problems[0]?.problem ?? '', /must not serve a main host/)
})

test('an http issuer is possible only under its dangerous name', async (t) => {
  const http = minimal.replace('https://login', 'http://login')
  assert.equal((await refused(t, http))[0]?.problem, 'must be https')
  const { configuration } = await accepted(t, `${http}\ndangerously-allow-http-issuer: true\n`)
  assert.deepEqual(configuration.dangers, ['dangerously-allow-http-issuer'])
})

test('no secret is ever repeated in a problem', async (t) => {
  const client = `
  - client_id: shop
    token_endpoint_auth_method: client_secret_basic
    client_secret: SECRET
    client_secret_hash: SECRETHASH
    grant_types: [client_credentials]
`
  const problems = await refused(t, minimal + client)
  assert.ok(problems.length >= 2)
  assert.ok(!JSON.stringify(problems).includes('SECRET'))
})

test('duplicate keys, bombs of aliases and broken YAML are refused with their line', async (t) => {
  assert.deepEqual(
    (await refused(t, 'issuer: a\nissuer: b\n')).map(({ line, problem }) => [line, problem]),
    [[2, 'not valid YAML (duplicate key)']],
  )
  const bomb = [
    'a: &a [x]',
    ...'bcdefghi'.split('').map((to, index) => `${to}: &${to} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ]
  assert.match((await refused(t, bomb.join('\n')))[0]?.problem ?? '', /aliases/)
  assert.equal((await refused(t, 'issuer: [\n'))[0]?.path, '')
})

test('__proto__ is an unknown key like any other', async (t) => {
  const problems = await refused(t, `${minimal}\n__proto__: { issuer: x }\n`)
  assert.deepEqual(
    problems.map(({ path, problem }) => [path, problem]),
    [['__proto__', 'unknown key']],
  )
})

test('any text at all is accepted or refused with problems, never thrown at', async (t) => {
  const directory = await temporaryDirectory(t)
  const file = join(directory, 'holdfast.yaml')
  const line = fc.constantFrom(
    ...minimal.split('\n'),
    '- x',
    '  - *a',
    'clients:',
    '  - {}',
    'a: &a [*a]',
    '{',
    '"',
    '!!binary x',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 30 }), (lines) => {
      writeFileSync(file, lines.join('\n'))
      const result = loadConfiguration({ file })
      assert.ok(result.ok || result.failure.problems.length > 0)
    }),
    { numRuns: 200 },
  )
})

test('a file that is not there is a problem with a hint', () => {
  const result = loadConfiguration({ file: '/nowhere/holdfast.yaml' })
  assert.ok(!result.ok)
  assert.match(result.failure.problems[0]?.problem ?? '', /ENOENT/)
})

test('the JSON Schema names every top-level key of the contract', () => {
  const properties = configSchema()['properties'] as Readonly<Record<string, unknown>>
  const keys =
    'issuer hosts listeners trust clients people registration tokens keys store profile management log audit limits ui'.split(
      ' ',
    )
  assert.deepEqual(Object.keys(properties).toSorted(), [...keys, 'dangerously-allow-http-issuer'].toSorted())
})

test('every member that a client record may have stands in the JSON Schema', () => {
  const clients = (
    configSchema()['properties'] as { readonly clients: { readonly items: { readonly properties: object } } }
  ).clients
  const known = Object.keys(clients.items.properties)
  assert.deepEqual(
    clientMetadataMembers.filter((member) => !known.includes(member)),
    [],
  )
  assert.deepEqual(
    known.filter((member) => !clientMetadataMembers.includes(member)),
    ['client_secret_file'],
  )
})
