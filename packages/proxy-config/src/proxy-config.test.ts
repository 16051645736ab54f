import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificateHeaderPresets, headerLines } from '@holdfast/edge'
import fc from 'fast-check'
import { proxyConfig, type ProxyConfigPresetName, proxyConfigPresets } from './proxy-config.ts'
import type { ProxyDeployment, ProxySite } from './proxy-deployment.ts'
import { sensitiveHeaderNames, sensitiveHeaderPrefixes } from './sensitive-headers.ts'

const names = Object.keys(proxyConfigPresets) as ProxyConfigPresetName[]

test('every header by which some preset hands on a certificate is known as sensitive', () => {
  const known = new Set(sensitiveHeaderNames.map((name) => name.toLowerCase()))
  const prefixes = sensitiveHeaderPrefixes.map((prefix) => prefix.toLowerCase())
  for (const [preset, { header, chainHeader, verdictHeader, companions }] of Object.entries(certificateHeaderPresets)) {
    for (const name of [header, chainHeader, verdictHeader])
      if (name !== undefined) assert.ok(known.has(name), `${preset}: ${name}`)
    // Nobody reads them; who sends one all the same is refused by Holdfast, which goes by prefixes.
    for (const name of companions)
      assert.ok(
        prefixes.some((prefix) => name.startsWith(prefix)),
        `${preset}: ${name}`,
      )
  }
})

test('what is cleared is what Holdfast refuses, and every name has a beginning among the prefixes', () => {
  const none = undefined
  const read = headerLines({
    certificate: none,
    chain: none,
    verdict: none,
    secret: none,
    clientAddress: none,
    companions: [],
  })
  for (const name of [...sensitiveHeaderNames, ...sensitiveHeaderPrefixes])
    assert.equal(read([name, 'x']).failure?.reason, 'certificate_header_unexpected', name)
  for (const name of sensitiveHeaderNames)
    assert.ok(
      sensitiveHeaderPrefixes.some((prefix) => name.toLowerCase().startsWith(prefix.toLowerCase())),
      name,
    )
})

test('a value that could mean something in a syntax is refused, wherever it stands, by every preset', () => {
  const hostile = [
    '"',
    "'",
    ';',
    '{',
    '}',
    '$',
    '%',
    '#',
    '\\',
    '|',
    '<',
    '>',
    '`',
    ' ',
    '\n',
    '\r',
    '\t',
    '\0',
    '\u007f',
    '\u2028',
    '*',
  ]
  for (const preset of names)
    for (const character of hostile)
      for (const [path, spoil] of places) {
        const made = proxyConfig(
          preset,
          spoil(deploymentFor(preset), (text) => `${text}${character}${text}`),
        )
        assert.ok(!made.ok, `${preset}: ${JSON.stringify(character)} in ${path}`)
        assert.ok(
          made.failure.some((problem) => problem.reason === 'unsafe_value' && problem.path === path),
          `${preset}: ${JSON.stringify(character)} in ${path}: ${JSON.stringify(made.failure)}`,
        )
      }
})

test('no text of a hostile value ever stands in a generated configuration', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.constantFrom(...places),
      fc.string({ minLength: 1 }),
      (preset, place, text) => {
        const hostile = `${text};{"\n`
        assert.equal(
          proxyConfig(
            preset,
            place[1](deploymentFor(preset), () => hostile),
          ).ok,
          false,
        )
      },
    ),
  )
})

test('two names in path style have maps of their own, however alike they are', () => {
  const name = (serverName: string): readonly ProxySite[] => {
    const [main, mtls] = ['main', 'mtls'].map((role) => deploymentFor('nginx').sites.find((site) => site.role === role))
    assert.ok(main !== undefined && mtls !== undefined)
    return [
      { ...main, serverName },
      { ...mtls, serverName, path: '/mtls' },
    ]
  }
  const sites = ['a-b.example', 'a.b.example', 'a--b.example'].flatMap(name)
  const made = proxyConfig('nginx', { ...deploymentFor('nginx'), sites })
  assert.ok(made.ok, JSON.stringify(made))
  const variables = [...(made.value[0]?.text ?? '').matchAll(/^map \S+ (\S+) \{/gm)].map(([, variable]) => variable)
  assert.ok(variables.length >= 9)
  assert.equal(new Set(variables).size, variables.length)
})

test('a name with an empty label or a hyphen at its edge is refused', () => {
  for (const serverName of ['a..b', 'a.-b', 'a-.b', '.a', 'a.', '-a', 'a-', 'a'.repeat(254)]) {
    const deployment = deploymentFor('nginx')
    const made = proxyConfig('nginx', {
      ...deployment,
      sites: deployment.sites.map((site) => ({ ...site, serverName })),
    })
    assert.ok(!made.ok && made.failure.some(({ reason }) => reason === 'unsafe_value'), serverName)
  }
})

test('all problems are told at once: roles that nobody has, sites that stand twice, another preset', () => {
  const deployment = deploymentFor('nginx')
  const mains = deployment.sites.filter(({ role }) => role === 'main')
  assert.deepEqual(problems('nginx', { ...deployment, sites: [] }), [{ reason: 'no_sites' }])
  assert.deepEqual(problems('nginx', { ...deployment, sites: [...mains, ...mains] }), [
    { reason: 'no_mtls_site' },
    { reason: 'site_twice', serverName: 'login.example.com', port: 443 },
  ])
  assert.deepEqual(problems('haproxy', deployment), [
    {
      reason: 'other_preset',
      serverName: 'mtls.login.example.com',
      configured: 'nginx',
      possible: ['haproxy', 'haproxy-rfc9440'],
    },
  ])
})

for (const preset of names)
  test(`${preset}: each file opens with what must be true around it and what was run for real`, () => {
    const made = proxyConfig(preset, deploymentFor(preset))
    assert.ok(made.ok, JSON.stringify(made))
    const [first] = made.value
    assert.match(first?.text ?? '', /Made by `holdfast proxy-config`/)
    assert.match(first?.text ?? '', /What must be true around it:/)
    assert.match(first?.text ?? '', /Run for real:/)
  })

type Spoil = (deployment: ProxyDeployment, change: (text: string) => string) => ProxyDeployment

const places: readonly (readonly [path: string, spoil: Spoil])[] = [
  ['listen[0]', (deployment, change) => ({ ...deployment, listen: [change('127.0.0.1')] })],
  site(0, 'serverName', (it, change) => ({ ...it, serverName: change(it.serverName) })),
  site(0, 'tls.certificate', (it, change) => ({ ...it, tls: { ...it.tls, certificate: change(it.tls.certificate) } })),
  site(1, 'tls.key', (it, change) => ({ ...it, tls: { ...it.tls, key: change(it.tls.key) } })),
  site(1, 'upstream.path', (it, change) => ({ ...it, upstream: { kind: 'unix', path: change('/run/mtls.sock') } })),
  site(1, 'upstream.host', (it, change) => ({ ...it, upstream: { kind: 'tcp', host: change('10.0.0.1'), port: 1 } })),
  site(0, 'clientAddressHeader', (it, change) => ({ ...it, clientAddressHeader: change('x-real-ip') })),
  site(1, 'certificateHeader.header', (it, change) => header(it, { header: change('x-cert') })),
  site(1, 'certificateHeader.chainHeader', (it, change) => header(it, { chainHeader: change('x-chain') })),
  site(1, 'certificateHeader.verdictHeader', (it, change) => header(it, { verdictHeader: change('x-verdict') })),
  site(1, 'certificateHeader.secret.value', (it, change) =>
    header(it, { secret: { header: 'x-secret', value: change('0123456789abcdef0123456789abcdef') } }),
  ),
]

function site(
  at: number,
  path: string,
  change: (site: ProxySite, change: (text: string) => string) => ProxySite,
): readonly [string, Spoil] {
  return [
    `sites[${at}].${path}`,
    (deployment, by) => ({
      ...deployment,
      sites: deployment.sites.map((one, index) => (index === at ? change(one, by) : one)),
    }),
  ]
}

function header(it: ProxySite, change: Partial<NonNullable<ProxySite['certificateHeader']>>): ProxySite {
  const before = it.certificateHeader ?? {
    preset: 'rfc9440' as const,
    header: 'client-cert',
    chainHeader: undefined,
    verdictHeader: undefined,
    secret: undefined,
  }
  return { ...it, certificateHeader: { ...before, ...change } }
}

function problems(preset: ProxyConfigPresetName, deployment: ProxyDeployment): unknown {
  const made = proxyConfig(preset, deployment)
  return made.ok ? [] : made.failure
}

function deploymentFor(preset: ProxyConfigPresetName): ProxyDeployment {
  const { certificateHeaders, upstream, asksPer } = proxyConfigPresets[preset]
  const [from] = certificateHeaders
  const common = { port: 443, clientAddressHeader: undefined }
  const upstreamFor = (role: string): ProxySite['upstream'] => {
    if (upstream === 'plain') return { kind: 'unix', path: `/run/holdfast/${role}.sock` }
    if (upstream === 'tcp') return { kind: 'tcp', host: '10.0.0.5', port: role === 'main' ? 8080 : 8081 }
    return { kind: 'tls', host: '10.0.0.5', port: 8443, proxyProtocol: 'v1-or-v2' }
  }
  const tls = (name: string): ProxySite['tls'] => ({
    certificate: `/etc/holdfast/tls/${name}.pem`,
    key: `/etc/holdfast/tls/${name}.key`,
  })
  return {
    listen: [],
    bodyBytes: 65_536,
    sites: [
      {
        ...common,
        serverName: 'login.example.com',
        role: 'main',
        tls: tls('login'),
        upstream: upstreamFor('main'),
        certificateHeader: undefined,
      },
      {
        ...common,
        serverName: 'mtls.login.example.com',
        port: asksPer === 'port' ? 8443 : 443,
        role: 'mtls',
        tls: tls('mtls'),
        upstream: upstreamFor('mtls'),
        certificateHeader:
          from === undefined
            ? undefined
            : {
                preset: from,
                header: certificateHeaderPresets[from].header,
                chainHeader: certificateHeaderPresets[from].chainHeader,
                verdictHeader: certificateHeaderPresets[from].verdictHeader,
                secret: undefined,
              },
      },
    ],
  }
}
