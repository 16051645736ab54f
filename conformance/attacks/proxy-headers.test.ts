import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { certificateHeaderPresets } from '@holdfast/edge'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import type { TestAuthority, TestCertificate } from '@holdfast/testkit'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'
import { formType, rawExchange, rawRequest } from './raw-exchange.ts'
import type { RawTarget } from './raw-exchange.ts'

const secret = 'a-secret-between-proxy-and-server-0123456789'
const acme = {
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
  grant_types: ['client_credentials'],
  scope: 'read',
}
const san = { dns: ['acme.example'] }

const file = untilFileEnds()
let at: AttackedServer
let unix: { readonly path: string }
let people: { readonly path: string }
let tcp: { readonly port: number }
/** The victim's certificate, which everybody can have; not its key. */
let victim: TestCertificate
/** The trusted CA, issuing without an intermediate: a header of nginx has no chain. */
let root: TestAuthority

before(async () => {
  at = await startAttackedServer(file, (directory) => {
    unix = { path: join(directory, 'mtls.sock') }
    people = { path: join(directory, 'main.sock') }
    return {
      clients: [acme],
      more: {
        listeners: [
          { address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } },
          { address: `unix:${unix.path}`, hosts: ['mtls.as.test'], 'client-certificate': { from: 'nginx' } },
          { address: `unix:${people.path}`, hosts: ['as.test'] },
          {
            address: '127.0.0.1:0',
            hosts: ['mtls.as.test'],
            'client-certificate': { from: 'nginx', 'proxy-secret': secret },
          },
        ],
      },
    }
  })
  tcp = { port: Number(/:([0-9]+)$/.exec(at.running.addresses[3] ?? '')?.[1]) }
  const { key, subject } = at.authority.root
  root = createTestAuthority({ intermediate: 'no', rootOptions: { key, subject } })
  victim = root.issue({ san })
})

test('CVE-2024-10039: a verdict in a header proves nothing; the chain is judged here', async () => {
  const chainless = at.authority.issue({ san })
  assert.equal(await status(unix, [cert(chainless), 'X-SSL-Verify: SUCCESS']), 401)
  assert.equal(await status(unix, [cert(victim), 'X-SSL-Verify: SUCCESS']), 200)
  assert.equal(await status(unix, [cert(victim), 'X-SSL-Verify: FAILED:self signed certificate']), 200)
  for (const impostor of [
    createSelfSignedCertificate({ san }),
    createTestAuthority({ name: 'Other', intermediate: 'no' }).issue({ san }),
    root.issueBad('expired', { san }),
    root.issueBad('broken-signature', { san }),
  ])
    assert.equal(await status(unix, [cert(impostor), 'X-SSL-Verify: SUCCESS']), 401)
  for (const lines of [
    ['X-SSL-Verify: SUCCESS'],
    [cert(victim), 'X-SSL-Verify: NONE'],
    [cert(victim), 'X-SSL-Verify: SUCCESS', 'X-SSL-Verify: NONE'],
  ])
    assert.equal(await status(unix, lines), 400, lines.at(-1) ?? '')
  assert.equal(await status(unix, []), 401)
})

test('CVE-2026-33433, -54763: a certificate header in another spelling, repeated, or of another proxy refuses the request', async () => {
  const value = encodeURIComponent(victim.pem)
  const own = cert(victim)
  const spellings = ['X_SSL_CERT', 'x_ssl-cert', 'X-Ssl_Cert', 'X.SSL.CERT', 'x--ssl--cert', 'X-SSL-CERT_', 'XSSLCERT']
  for (const spelling of [...spellings, 'X-SSL-CERT', 'x-ssl-cert'])
    for (const lines of [
      [own, `${spelling}: ${value}`],
      [`${spelling}: ${value}`, own],
      [own, `${spelling}: `],
    ])
      assert.equal(await status(unix, lines), 400, lines.join().slice(0, 40))
  for (const spelling of spellings) assert.notEqual(await status(unix, [`${spelling}: ${value}`]), 200, spelling)
})

test('Traefik #5061, #5012, CVE-2024-45410: no header of any terminator is believed where none is configured', async () => {
  const headers = [...new Set(Object.values(certificateHeaderPresets).map(({ header }) => header))]
  const forms = [
    encodeURIComponent(victim.pem),
    Buffer.from(victim.der).toString('base64'),
    `:${Buffer.from(victim.der).toString('base64')}:`,
    '',
  ]
  const certificate = at.authority.issue({ commonName: 'attacker' })
  const handshake = { cert: certificate.chainPem, key: certificate.keyPem, ca: at.authority.rootPem }
  const places: readonly (readonly [RawTarget, string])[] = [
    [people, 'as.test'],
    [{ port: at.port, tls: { ...handshake, servername: 'as.test' } }, 'as.test'],
    [{ port: at.port, tls: { ...handshake, servername: 'mtls.as.test' } }, 'mtls.as.test'],
  ]
  for (const [target, host] of places)
    for (const header of headers) {
      for (const form of forms.slice(0, host === 'as.test' ? 4 : 1)) {
        const answer = await tokenAt(target, host, [`${header}: ${form}`])
        assert.ok([400, 401].includes(answer), `${header} at ${host}: ${answer}`)
      }
      assert.ok([400, 401].includes(await tokenAt(target, host, [`Connection: close, ${header}`])), header)
    }
})

test('a listener on TCP believes the proxy that knows the secret, once and whole, and refuses everybody else', async () => {
  const own = cert(victim)
  const right = `Holdfast-Proxy-Secret: ${secret}`
  assert.equal(await status(tcp, [own, right]), 200)
  assert.equal(await status(tcp, [right]), 401)
  for (const lines of [
    [own],
    [],
    [own, 'Holdfast-Proxy-Secret: '],
    [own, `Holdfast-Proxy-Secret: ${secret.slice(0, -1)}`],
    [own, `Holdfast-Proxy-Secret: ${secret}x`],
    [own, `Holdfast-Proxy-Secret: ${secret.toUpperCase()}`],
    [own, right, right],
    [own, `Holdfast_Proxy_Secret: ${secret}`],
    [own, right, 'Holdfast-Proxy-Secret: wrong'],
    [own, `Holdfast-Proxy-Secret: ${secret}, ${secret}`],
    [own, `Proxy-Secret: ${secret}`],
  ])
    assert.equal(await status(tcp, lines), 400, JSON.stringify(lines.slice(1)))
  assert.ok(!(await at.logText()).includes(secret))
})

function cert({ pem }: TestCertificate): string {
  return `X-SSL-CERT: ${encodeURIComponent(pem)}`
}

async function status(target: RawTarget, lines: readonly string[]): Promise<number> {
  return (await at.tokenBehind(target, 'acme', lines)).status
}

async function tokenAt(target: RawTarget, host: string, lines: readonly string[]): Promise<number> {
  const body = 'grant_type=client_credentials&client_id=acme'
  return (await rawExchange(target, rawRequest('POST', '/token', host, [formType, ...lines], body))).status
}
