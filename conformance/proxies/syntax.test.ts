import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { certificateHeaderPresets } from '@holdfast/edge'
import {
  proxyConfig,
  type ProxyConfigPresetName,
  proxyConfigPresets,
  type ProxyDeployment,
  type ProxySite,
} from '@holdfast/proxy-config'
import { createTestAuthority } from '@holdfast/testkit'
import { configurationFiles } from '../../packages/cli/src/doctor/local/configuration-files.ts'
import { examineFile } from '../../packages/cli/src/doctor/local/examine-config-file.ts'
import { realPart } from '../black-box/real-part.ts'
import { runClient } from '../clients/run-client.ts'
import { apacheFrame, nginxFrame, streamFrame } from './frames.ts'

/** The deployments of the golden files, as the programs themselves read what is generated from them. */
const golden = resolve(import.meta.dirname, '../../packages/proxy-config/golden')
const server = createTestAuthority().issueServer(['login.example.com', 'mtls.login.example.com'])

interface Checker {
  readonly part: string
  /** Writes what stands around the generated files; answers the command that checks them. */
  readonly command: (folder: string) => Promise<readonly [string, ...string[]]>
}

const checkers: { readonly [Name in ProxyConfigPresetName]?: Checker } = {
  nginx: { part: 'nginx', command: (folder) => nginxCheck(folder, nginxFrame(folder)) },
  haproxy: { part: 'haproxy', command: async (folder) => ['haproxy', '-c', '-f', join(folder, 'haproxy.cfg')] },
  apache: {
    part: 'apache2',
    command: async (folder) => {
      await writeFile(join(folder, 'apache.conf'), apacheFrame(folder))
      return ['apache2', '-t', '-f', join(folder, 'apache.conf')]
    },
  },
  'nginx-passthrough': { part: 'nginx with stream', command: (folder) => nginxCheck(folder, streamFrame(folder)) },
  'haproxy-passthrough': {
    part: 'haproxy',
    command: async (folder) => ['haproxy', '-c', '-f', join(folder, 'haproxy.cfg')],
  },
  caddy: {
    part: 'caddy',
    command: async (folder) => ['caddy', 'validate', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
  },
}

for (const [name, { part, command }] of Object.entries(checkers) as [ProxyConfigPresetName, Checker][])
  test(`${name} itself finds nothing wrong with what is generated from each golden file`, async (t) => {
    if (!realPart(t, part)) return
    const inputs = await readdir(join(golden, name))
    assert.ok(inputs.length > 0)
    for (const input of inputs) {
      const folder = await mkdtemp(join(tmpdir(), `holdfast-syntax-${name}-`))
      t.after(() => rm(folder, { recursive: true, force: true }))
      const text = await readFile(join(golden, name, input), 'utf8')
      const written = JSON.parse(text.slice(0, text.search(/^-- .+ --$/m) >>> 0)) as ProxyDeployment
      const made = proxyConfig(name, await here(written, folder))
      if (!made.ok) continue
      for (const file of made.value) await writeFile(join(folder, file.name), file.text)
      const [program, ...args] = await command(folder)
      const checked = await runClient(program, args, {
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, HOME: folder, XDG_DATA_HOME: folder },
      })
      assert.equal(checked.code, 0, `${input}:\n${checked.stdout}${checked.stderr}`)
      assert.doesNotMatch(`${checked.stdout}${checked.stderr}`, /\[warn\]|\[WARNING\]/i, input)
    }
  })

/**
 * Names, ports, paths and addresses that are allowed and seldom: many hosts of each role on three ports, names of 200 characters and
 * in punycode, one name within another, IPv6 on both sides, header names of the operator, secrets of every allowed sign.
 */
function seldom(preset: ProxyConfigPresetName, folder: string): ProxyDeployment {
  const tls = { certificate: join(folder, 'tls', 'server.pem'), key: join(folder, 'tls', 'server.key') }
  const reads = proxyConfigPresets[preset].certificateHeaders[0]
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(60)}.example.com`
  const format = reads === undefined ? undefined : certificateHeaderPresets[reads]
  const site = (
    serverName: string,
    port: number,
    role: 'main' | 'mtls',
    upstream: ProxySite['upstream'],
    at: number,
  ): ProxySite => ({
    ...{ serverName, port: port + 20_000, role, tls, clientAddressHeader: at % 2 === 0 ? 'x-real-ip' : undefined },
    upstream: reads === undefined ? { kind: 'tls', host: '::1', port: 9443, proxyProtocol: undefined } : upstream,
    certificateHeader:
      role === 'main' || reads === undefined || format === undefined
        ? undefined
        : {
            preset: reads,
            header: format.headerName === 'free' ? `x-${'certificate-'.repeat(7)}${at}` : format.header,
            chainHeader: format.chainHeader,
            verdictHeader: format.verdictHeader,
            secret: { header: `x-proof-${at}`, value: `aZ09+/=._~-${'='.repeat(40)}` },
          },
  })
  const socket = (name: string): ProxySite['upstream'] => ({ kind: 'unix', path: `/run/hold.fast/${name}@+=,:~-.sock` })
  const tcp = { kind: 'tcp', host: '::1', port: 8080 } as const
  return {
    bodyBytes: 1,
    listen: ['127.0.0.1', '::1'],
    sites: [
      site('login.example.com', 443, 'main', socket('main'), 0),
      site('mtls.login.example.com', 443, 'mtls', socket('mtls'), 1),
      site('xn--bcher-kva.example', 443, 'main', tcp, 2),
      site('m.login.example.com', 443, 'mtls', tcp, 3),
      site('0', 443, 'main', socket('main'), 4),
      site('login.example.com.example.com', 443, 'mtls', socket('other'), 5),
      site(`l${long.slice(1)}`, 8443, 'main', socket('main'), 6),
      site(`m${long.slice(1)}`, 8443, 'mtls', socket('mtls'), 7),
      site('login.example.com', 9443, 'mtls', socket('mtls'), 8),
    ],
  }
}

for (const [name, { part, command }] of Object.entries(checkers) as [ProxyConfigPresetName, Checker][])
  test(`${name} itself takes seldom names, paths and addresses, and the doctor finds every header removed on each site`, async (t) => {
    if (!realPart(t, part)) return
    const folder = await mkdtemp(join(tmpdir(), `holdfast-seldom-${name}-`))
    t.after(() => rm(folder, { recursive: true, force: true }))
    await writeServer(folder)
    const made = proxyConfig(name, seldom(name, folder))
    assert.ok(made.ok, JSON.stringify(made))
    for (const file of made.value) await writeFile(join(folder, file.name), file.text)
    const [program, ...args] = await command(folder)
    const checked = await runClient(program, args, {
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, HOME: folder, XDG_DATA_HOME: folder },
    })
    assert.equal(checked.code, 0, `${checked.stdout}${checked.stderr}`)
    assert.doesNotMatch(`${checked.stdout}${checked.stderr}`, /\[warn\]|\[WARNING\]/i)
    const language = languages[name]
    if (language === undefined) return
    const { findings, sites } = examineFile(join(folder, made.value[0]?.name ?? ''), language, configurationFiles, [])
    // HAProxy has a bind line for each address.
    assert.equal(sites, name === 'haproxy' ? 18 : 9)
    assert.deepEqual(findings, [])
  })

const languages: { readonly [Name in ProxyConfigPresetName]?: 'nginx' | 'haproxy' | 'apache' | 'caddy' } = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  apache: 'apache',
  caddy: 'caddy',
}

async function writeServer(folder: string): Promise<string> {
  const tls = join(folder, 'tls')
  await mkdir(tls)
  await writeFile(join(tls, 'server.pem'), server.chainPem)
  await writeFile(join(tls, 'server.key'), server.keyPem)
  await writeFile(join(tls, 'server.pem.key'), server.keyPem)
  return tls
}

/** The same with certificates that are there, and ports and addresses that anybody may open. */
async function here(deployment: ProxyDeployment, folder: string): Promise<ProxyDeployment> {
  const tls = await writeServer(folder)
  return {
    ...deployment,
    listen: deployment.listen.length === 0 ? [] : ['127.0.0.1', '::1'],
    sites: deployment.sites.map((site) => ({
      ...site,
      port: site.port + 20_000,
      tls: { certificate: join(tls, 'server.pem'), key: join(tls, 'server.key') },
    })),
  }
}

async function nginxCheck(folder: string, frame: string): Promise<readonly [string, ...string[]]> {
  await writeFile(join(folder, 'nginx.conf'), frame)
  return ['nginx', '-t', '-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr']
}
