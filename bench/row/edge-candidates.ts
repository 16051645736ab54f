import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchFixture, benchNames } from '../fixture/bench-fixture.ts'
import { type Address, type LoadPlan } from '../load/load-plan.ts'
import { startCandidate } from '../measure/candidate-process.ts'
import { freshAddress } from '../measure/fresh-address.ts'
import { type Launch, measureLoadedServer } from '../measure/loaded-server.ts'
import { loadCore } from '../measure/pinned.ts'
import { type BenchOptions, type Contestant } from './bench-row.ts'
import { holdfastCommand } from './holdfast-candidates.ts'
import { probe } from './probe.ts'

export interface FrontCandidate {
  readonly front: 'nginx' | 'edge'
  readonly work: 'handshake' | 'kept'
  readonly tlsGroups: string
}

/**
 * A reverse proxy that ends TLS, asks for a certificate, and hands it on as escaped PEM.
 *
 * The application has the load's core and is not counted. It is an nginx, because one in Node would keep that core too busy for the load.
 */
export function frontContestant(options: BenchOptions, name: string, candidate: FrontCandidate): Contestant {
  const { fixture } = options
  return {
    name,
    run: async () => {
      const { folder } = fixture
      const behind = await freshPort(folder)
      const application = await startCandidate({
        ...nginxLaunch(folder, behind, applicationServer(behind)),
        name: 'application',
        folder,
        cores: loadCore,
      })
      try {
        return await measureLoadedServer({
          name,
          folder,
          launch: async () => [await launches[candidate.front](options, behind)],
          plan: frontPlan(options, candidate),
          prove: async (_samples, { addresses: [address] }) => {
            if (address !== undefined) await proveCertificates(address, fixture)
          },
        })
      } finally {
        await application.stop()
      }
    },
  }
}

const launches = {
  edge: edgeLaunch,
  nginx: async ({ fixture }: BenchOptions, behind: TcpAddress) => {
    const address = await freshPort(fixture.folder)
    return nginxLaunch(fixture.folder, address, proxyServer(fixture, address, behind))
  },
}

async function edgeLaunch({ fixture, holdfast }: BenchOptions, behind: TcpAddress): Promise<Launch> {
  const address = await freshPort(fixture.folder)
  const { server } = fixture
  const names = ['--listen', `${address.host}:${address.port}`, '--mtls', benchNames.mtlsHost]
  const material = ['--tls-cert', server.certificate.file, '--tls-key', server.key.file]
  const upstream = ['--upstream', `http://${behind.host}:${behind.port}`, '--header', 'nginx']
  return {
    command: [...holdfastCommand(holdfast), 'edge', ...names, ...material, ...upstream],
    addresses: [address],
  }
}

function nginxLaunch(folder: string, address: TcpAddress, http: string): Launch {
  const own = join(folder, `nginx-${address.port}`)
  writeFileSync(
    `${own}.conf`,
    `daemon off; worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${own}.pid; error_log ${own}.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${own}-b; proxy_temp_path ${own}-p; fastcgi_temp_path ${own}-f; uwsgi_temp_path ${own}-u; scgi_temp_path ${own}-s;
  keepalive_requests 10000000;
${http}
}
`,
  )
  return {
    command: ['nginx', '-c', `${own}.conf`, '-p', folder],
    addresses: [address],
    environment: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  }
}

function proxyServer({ server }: BenchFixture, { host, port }: TcpAddress, behind: TcpAddress): string {
  return `
  upstream app { server ${behind.host}:${behind.port}; keepalive 64; keepalive_requests 10000000; keepalive_timeout 4s; }
  server {
    listen ${host}:${port} ssl http2; server_name ${benchNames.mtlsHost};
    ssl_certificate ${server.certificate.file}; ssl_certificate_key ${server.key.file};
    ssl_verify_client optional_no_ca; ssl_session_cache off; ssl_session_tickets off; ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-SSL-CERT $ssl_client_escaped_cert; proxy_set_header X-SSL-VERIFY $ssl_client_verify;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;
    }
  }`
}

/** It answers, and on request says which certificate it was told of. */
function applicationServer({ host, port }: TcpAddress): string {
  return `
  map $http_x_ssl_cert $answer { "" nobody; default ok; }
  server {
    listen ${host}:${port}; default_type text/plain;
    location = /told { return 200 $http_x_ssl_cert; }
    location / { return 200 $answer; }
  }`
}

function frontPlan(
  { fixture, warmMilliseconds, measureMilliseconds }: BenchOptions,
  { work, tlsGroups }: FrontCandidate,
): Omit<LoadPlan, 'addresses' | 'processes'> {
  const before = `GET / HTTP/1.1\r\nHost: ${benchNames.mtlsHost}\r\nUser-Agent: bench\r\nAccept: */*\r\n`
  return {
    warmMilliseconds,
    measureMilliseconds,
    mode: work === 'kept' ? 'keep-alive' : 'connection-per-request',
    connections: 32,
    polling: 'busy',
    expectedStatus: 200,
    expectedBody: 'ok',
    tlsServerName: benchNames.mtlsHost,
    tlsGroups,
    clients: fixture.clients.map(({ clientId, thumbprint, certificate, key }) => ({
      clientId,
      thumbprint,
      request: { before, after: '\r\n' },
      tls: { certificate, key },
    })),
  }
}

/** What the application is told of: the client's own certificate, also when he writes another's into the header, and none where there is none. */
async function proveCertificates(address: Address, { clients, stranger, authority }: BenchFixture): Promise<void> {
  const told = async (tls: { certificate?: string; key?: string }, headers = {}): Promise<string> => {
    const request = { path: '/told', host: benchNames.mtlsHost, headers, tls: { ...tls, authority: authority.pem } }
    const { status, body } = await probe(address, request)
    if (status !== 200) throw new Error(`answered ${status} ${body}`)
    return decodeURIComponent(body)
  }
  const forged = { 'x-ssl-cert': stranger.escapedPem }
  for (const client of clients.slice(0, 3)) {
    const { certificate, key } = client
    for (const headers of [{}, forged])
      if ((await told({ certificate, key }, headers)) !== certificate)
        throw new Error(`the application was told of another certificate than that of ${client.clientId}`)
  }
  if ((await told({}, forged)) !== '') throw new Error('the application believes in a forged certificate')
}

async function freshPort(folder: string): Promise<TcpAddress> {
  const address = await freshAddress(folder, 'tcp')
  if (address.kind !== 'tcp') throw new Error('unreachable: a port was asked for')
  return address
}

type TcpAddress = Extract<Address, { kind: 'tcp' }>
