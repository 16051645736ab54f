/**
 * The programs of other people that the tests run against, and the Debian packages that bring them.
 *
 * `npm test` never installs anything by itself. With HOLDFAST_TEST_SETUP=1 (continuous integration sets it) missing parts are
 * installed through apt, with a policy that keeps packages from starting their daemons on all addresses.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

interface RealPart {
  readonly name: string
  readonly packages: readonly string[]
  readonly present: () => boolean
}

export const realParts: readonly RealPart[] = [
  part('openssl', ['openssl'], command('openssl')),
  part('curl', ['curl'], command('curl')),
  part('nginx', ['nginx'], command('nginx')),
  part('nginx with stream', ['nginx', 'libnginx-mod-stream'], file('/usr/lib/nginx/modules/ngx_stream_module.so')),
  part('haproxy', ['haproxy'], command('haproxy')),
  part('apache2', ['apache2'], command('apache2')),
  part('caddy', ['caddy'], command('caddy')),
  part('apache2 with mod_oauth2', ['apache2', 'libapache2-mod-oauth2'], file('/usr/lib/apache2/modules/mod_oauth2.so')),
  // Its own cluster is made but not started; the tests start theirs, on a Unix socket alone.
  part('postgresql', ['postgresql'], () => globSync('/usr/lib/postgresql/*/bin/initdb').length > 0),
  part('chromium', ['chromium'], command('chromium')),
  part('certutil', ['libnss3-tools'], command('certutil')),
  part(
    'python3-authlib',
    ['python3-authlib', 'python3-requests'],
    file('/usr/lib/python3/dist-packages/authlib/__init__.py'),
  ),
  part('ruby-oauth2', ['ruby', 'ruby-oauth2'], command('ruby', ['-e', 'require "oauth2"'])),
  part(
    'go with x/oauth2',
    ['golang-go', 'golang-golang-x-oauth2-dev'],
    file('/usr/share/gocode/src/golang.org/x/oauth2/oauth2.go'),
  ),
]

/** The parts that this machine lacks. */
export function missingParts(): readonly RealPart[] {
  return realParts.filter((candidate) => !candidate.present())
}

/** Installs the missing parts through apt, as root. Throws when one is still missing afterwards. */
export function installMissingParts(): void {
  const missing = missingParts()
  if (missing.length === 0) return
  const packages = missing.flatMap((candidate) => candidate.packages)
  process.stderr.write(`test setup: installing ${packages.join(' ')}\n`)
  withoutDaemons(() => {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = ['-qq', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=300']
    execFileSync('apt-get', [...apt, 'update'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
    execFileSync('apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    })
  })
  const still = missingParts().map((candidate) => candidate.name)
  if (still.length > 0) throw new Error(`test setup: still missing after installation: ${still.join(', ')}`)
}

function withoutDaemons(action: () => void): void {
  const policy = '/usr/sbin/policy-rc.d'
  const before = existsSync(policy) ? readFileSync(policy) : undefined
  writeFileSync(policy, '#!/bin/sh\nexit 101\n')
  chmodSync(policy, 0o755)
  try {
    action()
  } finally {
    if (before === undefined) rmSync(policy)
    else writeFileSync(policy, before)
  }
}

function part(name: string, packages: readonly string[], present: () => boolean): RealPart {
  return { name, packages, present }
}

function command(name: string, args: readonly string[] = []): () => boolean {
  return () =>
    spawnSync('sh', ['-c', 'command -v "$0" >/dev/null', name], { env: searchPath }).status === 0 &&
    (args.length === 0 || spawnSync(name, [...args], { env: searchPath }).status === 0)
}

function file(path: string): () => boolean {
  return () => existsSync(path)
}

const searchPath = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
