import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { proxyConfig, type ProxyConfigPresetName, type ProxyDeployment } from '@holdfast/proxy-config'
import { createTestAuthority } from '@holdfast/testkit'
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

/** The same with certificates that are there, and ports and addresses that anybody may open. */
async function here(deployment: ProxyDeployment, folder: string): Promise<ProxyDeployment> {
  const tls = join(folder, 'tls')
  await mkdir(tls)
  await writeFile(join(tls, 'server.pem'), server.chainPem)
  await writeFile(join(tls, 'server.key'), server.keyPem)
  await writeFile(join(tls, 'server.pem.key'), server.keyPem)
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
