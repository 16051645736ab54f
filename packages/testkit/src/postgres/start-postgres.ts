import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryDirectory } from '../temporary-directory.ts'

export interface PostgresOptions {
  /** `on` where the test is about what survives or how fast it is; default `off`. */
  readonly fsync?: 'on' | 'off'
  /**
   * PEM. Serves a free port of 127.0.0.1 too, over TLS alone: the role `certified` to who shows a certificate of `clientCa` with
   * that common name, all others by password.
   */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa: string }
}

/** A PostgreSQL of its own: an empty database `postgres` of the superuser `holdfast`, on a Unix socket and nowhere else. */
export interface TestPostgres {
  /** `postgres://…` of the database. */
  readonly url: string
  /** The same in parts. */
  readonly address: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly user: string
    readonly password: undefined
  }
  /** Where it listens with TLS, if it does. */
  readonly tlsPort: number | undefined
  /** Runs SQL as superuser; answers the rows as text, tab between columns. */
  run(sql: string): string
  start(): Promise<void>
  /** Ends it as a power cut would: every process at once, nothing flushed. */
  kill(): Promise<void>
  /** Processes stand still: connections stay open and nobody answers. */
  pause(): void
  resume(): void
}

/**
 * Makes a cluster in a temporary directory and starts it, as an unprivileged user; gone when `t` ends. `undefined` where
 * PostgreSQL is not installed (fails where continuous integration has promised it).
 */
export async function startPostgres(
  t: { after(cleanUp: () => Promise<void>): void },
  { fsync = 'off', tls }: PostgresOptions = {},
): Promise<TestPostgres | undefined> {
  const programs = postgresPrograms()
  if (programs === undefined) {
    if (process.env['HOLDFAST_TEST_SETUP'] === '1') throw new Error('postgresql is missing')
    return undefined
  }
  const directory = await temporaryDirectory(t)
  const data = join(directory, 'data')
  const user = unprivileged()
  mkdirSync(data, { mode: 0o700 })
  if (user !== undefined) for (const path of [directory, data]) chownSync(path, user.uid, user.gid)
  const initdb = ['--pgdata', data, '--username=holdfast', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  execFileSync(join(programs, 'initdb'), initdb, { stdio: ['ignore', 'ignore', 'inherit'], cwd: directory, ...user })

  let server: ChildProcess | undefined
  const tlsPort = tls === undefined ? undefined : await freePort()
  if (tls !== undefined) {
    for (const [name, text] of [
      ['server.crt', tls.certificate],
      ['server.key', tls.key],
      ['client-ca.crt', tls.clientCa],
      [
        'pg_hba.conf',
        'local all all trust\nhostssl all certified 127.0.0.1/32 cert\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
      ],
    ] as const) {
      const path = join(data, name)
      writeFileSync(path, text, { mode: 0o600 })
      if (user !== undefined) chownSync(path, user.uid, user.gid)
    }
  }
  const settings = [
    ...(tlsPort === undefined
      ? ['listen_addresses=']
      : ['listen_addresses=127.0.0.1', `port=${tlsPort}`, 'ssl=on', 'ssl_ca_file=client-ca.crt']),
    `unix_socket_directories=${directory}`,
    `fsync=${fsync}`,
    'shared_buffers=32MB',
    'max_connections=60',
    'autovacuum_naptime=5s',
  ]
  async function start(): Promise<void> {
    // Dies with whoever started it, however that ends.
    const postgres = [join(programs ?? '', 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])]
    const child = spawn(withPrivileges, [...identity(user), '--pdeathsig=QUIT', ...postgres], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: directory,
    })
    server = child
    let said = ''
    await new Promise<void>((ready, failed) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4000)
        if (said.includes('database system is ready to accept connections')) ready()
      })
      child.once('exit', () => failed(new Error(`PostgreSQL did not start:\n${said}`)))
    })
  }
  let ending = Promise.resolve()
  function kill(): Promise<void> {
    const child = server
    server = undefined
    if (child !== undefined) ending = end(child)
    return ending
  }
  async function end(child: ChildProcess): Promise<void> {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    // Stopped, it has no more children while they are counted.
    signal(child.pid, 'SIGSTOP')
    const children = childrenOf(child.pid)
    for (const pid of [...children, child.pid]) signal(pid, 'SIGKILL')
    await exited
    // The next one would not start beside a child that is still there.
    while (children.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  function every(name: NodeJS.Signals): void {
    if (server?.pid === undefined) return
    for (const pid of [server.pid, ...childrenOf(server.pid)]) signal(pid, name)
  }

  t.after(kill)
  await start()
  const port = tlsPort ?? 5432
  return {
    tlsPort,
    url: `postgres://holdfast@${encodeURIComponent(directory)}:${port}/postgres`,
    address: { host: directory, port, database: 'postgres', user: 'holdfast', password: undefined },
    run(sql) {
      const { status, stdout, stderr } = spawnSync(
        join(programs, 'psql'),
        [
          '-h',
          directory,
          '-p',
          String(port),
          '-U',
          'holdfast',
          '-d',
          'postgres',
          '-XAtq',
          '-F',
          '\t',
          '-v',
          'ON_ERROR_STOP=1',
          '-c',
          sql,
        ],
        { encoding: 'utf8' },
      )
      if (status !== 0) throw new Error(stderr)
      return stdout.trimEnd()
    },
    start,
    kill,
    pause: () => every('SIGSTOP'),
    resume: () => every('SIGCONT'),
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}

/** Debian keeps each version's programs apart; elsewhere they stand in the path. */
function postgresPrograms(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':').filter((folder) => folder !== ''),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) }
}

function identity(user: ReturnType<typeof unprivileged>): readonly string[] {
  return user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Ended by itself meanwhile.
  }
}

const debian = '/usr/lib/postgresql'

/** Of util-linux, which every Debian has. */
const withPrivileges = 'setpriv'
