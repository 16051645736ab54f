/**
 * CPU time of `holdfast edge` or of nginx for the same work: a new connection with a client certificate and one request, or a
 * request on a kept connection. Read from /proc, so Linux only. `npm run bench -- --only edge` measures both side by side.
 *
 *   node --conditions=holdfast-source packages/edge/bench/front-cost.ts nginx|edge handshake|kept [CORE] [unix|tcp]
 *
 * CORE: the processor on which the candidate is kept. Prints one JSON object.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { createTestAuthority } from '@holdfast/testkit'

const [candidate, work, core] = process.argv.slice(2)
/** How the application is reached. */
const behind = process.argv[5] === 'unix' ? 'unix' : 'tcp'
const connections = 8
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const authority = createTestAuthority()
const server = authority.issueServer(['login.test', 'mtls.login.test'])
const client = authority.issue({ commonName: 'client' })
const tls: ConnectionOptions = {
  host: '127.0.0.1',
  servername: 'mtls.login.test',
  ca: authority.rootPem,
  cert: client.pem,
  key: client.keyPem,
  minVersion: 'TLSv1.3',
  // One that both know: the OpenSSL of Node agrees on a post-quantum group by itself, that of Debian's nginx knows none.
  ecdhCurve: 'X25519',
}
const ask = 'GET / HTTP/1.1\r\nHost: mtls.login.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n'

const application = `require('node:http').createServer((q, a) => a.writeHead(200, { 'content-length': 2 }).end('ok')).listen(process.argv[1])`
writeFileSync(join(folder, 'server.pem'), server.chainPem)
writeFileSync(join(folder, 'server.key'), server.keyPem)
const nginxPort = 20_000 + 3 * (process.pid % 4_000)
const edgePort = nginxPort + 1
const whereBehind = behind === 'unix' ? join(folder, 'app.sock') : String(nginxPort + 2)
writeFileSync(
  join(folder, 'nginx.conf'),
  `daemon off; worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  keepalive_requests 1000000;
  upstream app { server ${behind === 'unix' ? `unix:${whereBehind}` : `127.0.0.1:${whereBehind}`}; keepalive 64; keepalive_requests 1000000; keepalive_timeout 4s; }
  server {
    listen 127.0.0.1:${nginxPort} ssl http2; server_name mtls.login.test;
    ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.key;
    ssl_verify_client optional_no_ca; ssl_session_cache off; ssl_session_tickets off; ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-SSL-CERT $ssl_client_escaped_cert; proxy_set_header X-SSL-VERIFY $ssl_client_verify;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;
    }
  }
}
`,
)
const holdfast = resolve(import.meta.dirname, '../../cli/bin/holdfast.js')
const place = [
  '--listen',
  `127.0.0.1:${edgePort}`,
  '--mtls',
  'mtls.login.test',
  '--upstream',
  behind === 'unix' ? `unix:${whereBehind}` : `http://127.0.0.1:${whereBehind}`,
]
const material = ['--tls-cert', join(folder, 'server.pem'), '--tls-key', join(folder, 'server.key')]
const pinned = (command: readonly string[]): readonly string[] =>
  core === undefined ? command : ['taskset', '-c', core, ...command]
const fronts = {
  nginx: { port: nginxPort, command: ['nginx', '-c', join(folder, 'nginx.conf'), '-p', folder] },
  edge: { port: edgePort, command: [process.execPath, holdfast, 'edge', ...place, ...material, '--header', 'nginx'] },
}
if ((candidate !== 'nginx' && candidate !== 'edge') || (work !== 'handshake' && work !== 'kept'))
  throw new TypeError('usage: front-cost.ts nginx|edge handshake|kept [CORE] [unix|tcp]')
const { port, command } = fronts[candidate]
const [program = '', ...args] = pinned(command)
const children = [
  spawn(process.execPath, ['-e', application, whereBehind], { stdio: 'inherit' }),
  spawn(program, args, { stdio: 'ignore', env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` } }),
] as const
for (const child of children) child.on('error', (error) => console.error(error.message))

try {
  if (behind === 'tcp') await listens(nginxPort + 2)
  await listens(port)
  const [warm, measured, run] =
    work === 'handshake' ? ([2_000, 2_000, shakeHands] as const) : ([20_000, 30_000, keepAlive] as const)
  await run(port, warm)
  const began = performance.now()
  const cpuMicrosecondsPerRequest = await cost(children[1].pid ?? 0, measured, () => run(port, measured))
  const requestsPerSecond = measured / ((performance.now() - began) / 1000)
  console.log(JSON.stringify({ cpuMicrosecondsPerRequest, requestsPerSecond }))
} finally {
  for (const child of children) child.kill('SIGTERM')
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

/** Microseconds of CPU per operation of a process and its children. */
async function cost(pid: number, operations: number, work: () => Promise<void>): Promise<number> {
  const before = ticks(pid)
  await work()
  return ((ticks(pid) - before) * 10_000) / operations
}

function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const own = Number(fields[11]) + Number(fields[12])
  const below = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return below.reduce((sum, child) => sum + ticks(Number(child)), own)
}

async function shakeHands(port: number, count: number): Promise<void> {
  let left = count
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const socket = await open(port)
      await exchange(socket)
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: connections }, one))
}

async function keepAlive(port: number, count: number): Promise<void> {
  let left = count
  const one = async (): Promise<void> => {
    const socket = await open(port)
    while (left-- > 0) await exchange(socket)
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, one))
}

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ ...tls, port })
  await once(socket, 'secureConnect')
  return socket
}

function exchange(socket: TLSSocket): Promise<void> {
  return new Promise((done, failed) => {
    let text = ''
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!text.endsWith('\r\n\r\nok')) {
        if (!text.startsWith('HTTP/1.1 200')) failed(new Error(text))
        return
      }
      socket.off('data', take)
      done()
    }
    socket.on('data', take)
    socket.write(ask)
  })
}

async function listens(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = connectTcp({ port, host: '127.0.0.1' })
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (up) return
    await new Promise((later) => setTimeout(later, 20))
  }
  throw new Error(`${candidate ?? ''} did not come up`)
}
