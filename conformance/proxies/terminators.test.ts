import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { sensitiveHeaderNames } from '@holdfast/proxy-config'
import type { TestCertificate } from '@holdfast/testkit'
import { realPart } from '../black-box/real-part.ts'
import { http1Text, opensslRequest } from './openssl-client.ts'
import { type Answer, askOnce, type Asking, type Opening, openConnection } from './terminator-client.ts'
import { clientSecret, makeCertificates, type Site, startSite } from './terminator-site.ts'
import { type Terminator, terminators } from './terminators.ts'

/**
 * One suite for every terminator that can be installed, with the configuration that `holdfast proxy-config` makes. What differs from
 * one to the next stands in `terminators.ts`, as measured.
 */
const certificates = makeCertificates()
const ways = (['TLSv1.2', 'TLSv1.3'] as const).flatMap((version) =>
  (['h1', 'h2'] as const).map((http) => ({ version, http })),
)

for (const terminator of terminators) {
  test(`${terminator.name} with the generated configuration`, async (t) => {
    if (!terminator.present(t) || !realPart(t, 'openssl')) return
    const site = await startSite(t, terminator, terminator.presets[0], certificates)
    if (site === undefined) return
    for (const [name, check] of checks) await t.test(name, () => check(site, terminator))
  })
  for (const preset of terminator.presets.slice(1))
    test(`${terminator.name} with the generated configuration for ${preset}`, async (t: TestContext) => {
      if (!terminator.present(t)) return
      const site = await startSite(t, terminator, preset, certificates)
      if (site === undefined) return
      await t.test('thumbprints', () => everyThumbprint(site))
      await t.test('forged headers', () => forgedHeaders(site, terminator))
      await t.test('no certificate', () => noCertificate(site))
    })
}

type Check = (site: Site, terminator: Terminator) => Promise<void>

const checks: readonly (readonly [name: string, check: Check])[] = [
  ['only the certificate host asks for a certificate, in both versions of TLS and of HTTP', whoIsAsked],
  ['both methods get a token bound to their certificate, in both versions of TLS and of HTTP', bothMethods],
  ['the thumbprint is that of the certificate: RSA, EC, Ed25519, base64 full of + and /, 2 to 12 KB', everyThumbprint],
  ['a stranger gets a JSON error of Holdfast', strangers],
  ['a bad certificate is refused', badCertificates],
  ['without a certificate a client is served, and its token is not bound', noCertificate],
  ['a forged header changes nothing: every name, spelling, host and HTTP version', forgedHeaders],
  ['beside a certificate a forged header changes nothing', forgedBesideCertificate],
  ['Connection: takes no header away', hopByHop],
  ['a Host that does not fit the TLS name is misdirected', misdirected],
  ['a client that names no server, or an unknown one, is never asked for a certificate', withoutServerName],
  ['a session of the certificate host does not outlive its certificate or lose it', resumption],
  ['a certificate that expires meanwhile is refused, on the open connection and in a session', expiredMeanwhile],
  ['a session of one host is worth nothing to the other', foreignSession],
  ['a large body is taken up to the limit of Holdfast, which answers in JSON beyond it', largeBodies],
  ['large request headers of the client are taken', largeHeaders],
]

async function whoIsAsked(site: Site): Promise<void> {
  for (const way of ways)
    for (const role of ['main', 'mtls'] as const) {
      const connection = await openConnection(site.opening(role, way))
      connection.close()
      assert.equal(connection.protocol, way.version)
      assert.equal(connection.asked, role === 'mtls', `${role} ${way.version} ${way.http}`)
    }
}

async function bothMethods(site: Site): Promise<void> {
  for (const way of ways) {
    await tokenIsBound(site, 'acme', certificates.acme, way)
    await tokenIsBound(site, 'ec', certificates.selfSigned['ec'], way)
  }
}

async function everyThumbprint(site: Site): Promise<void> {
  const full = Buffer.from(certificates.selfSigned['plus-and-slash']?.der ?? []).toString('base64')
  assert.ok(full.split('+').length > 100 && full.split('/').length > 100, 'the certificate that is full of + and /')
  for (const [name, certificate] of Object.entries(certificates.selfSigned))
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      await tokenIsBound(site, name, certificate, { version, http: version === 'TLSv1.2' ? 'h1' : 'h2' })
}

async function strangers(site: Site): Promise<void> {
  for (const [name, certificate] of Object.entries(certificates.strangers))
    for (const way of ways) {
      const answer = await askOnce(site.opening('mtls', { ...way, certificate }), tokenFor('acme', site.mtls))
      assert.equal(answer.status, 401, `${name}: ${answer.text}`)
      assert.equal(answer.body['error'], 'invalid_client', name)
    }
}

async function badCertificates(site: Site, terminator: Terminator): Promise<void> {
  for (const [name, certificate] of Object.entries(certificates.bad))
    for (const way of ways) {
      const answer = await askOnce(site.opening('mtls', { ...way, certificate }), tokenFor('acme', site.mtls))
      const label = `${name} ${way.version} ${way.http}: ${answer.status} ${answer.text} ${answer.failure ?? ''}`
      if (terminator.badCertificate === 'alert') {
        assert.equal(answer.status, 0, label)
        continue
      }
      assert.equal(answer.status, 401, label)
      assert.equal(answer.body['error'], 'invalid_client', label)
    }
}

async function noCertificate(site: Site): Promise<void> {
  for (const way of ways) {
    const refused = await askOnce(site.opening('mtls', way), tokenFor('acme', site.mtls))
    assert.equal(refused.status, 401, refused.text)
    assert.equal(refused.body['error'], 'invalid_client')
    for (const role of ['main', 'mtls'] as const) {
      const served = await askOnce(site.opening(role, way), secretive(site[role]))
      assert.equal(served.status, 200, served.text)
      assert.equal(cnfOf(served), undefined)
    }
  }
  const bound = await askOnce(
    site.opening('mtls', { certificate: certificates.selfSigned['ec'] }),
    secretive(site.mtls),
  )
  assert.deepEqual(cnfOf(bound), { 'x5t#S256': certificates.selfSigned['ec']?.thumbprint })
}

/** As `secretive`, whose token would be bound to whatever certificate is believed; as `acme`, whom one would authenticate. */
async function forgedHeaders(site: Site, terminator: Terminator): Promise<void> {
  const values = forgedValues(certificates.acme)
  for (const role of ['main', 'mtls'] as const)
    for (const http of ['h1', 'h2'] as const) {
      let connection = await openConnection(site.opening(role, { http }))
      const ask = async (asking: Asking): Promise<Answer> => {
        const answer = await connection.ask(asking)
        // Holdfast closes a connection after a refusal, and so may the terminator.
        if (answer.status === 200) return answer
        connection.close()
        connection = await openConnection(site.opening(role, { http }))
        return answer.status === 0 ? connection.ask(asking) : answer
      }
      for (const name of sensitiveHeaderNames) {
        const value = valueFor(name, values)
        for (const [spelling, cleared] of [
          [name, true],
          [name.toLowerCase(), true],
          [name.replaceAll('-', '_'), false],
          [name.replace('-', '_'), false],
        ] as const) {
          const label = `${spelling} through ${role} with ${http}`
          const answer = await ask({ ...secretive(site[role]), headers: { [spelling]: value } })
          if (cleared && terminator.upstream !== 'tls')
            assert.equal(answer.status, 200, `${label} is removed: ${answer.status} ${answer.text}`)
          if (answer.status === 200) assert.equal(cnfOf(answer), undefined, `${label} is believed`)
          else assert.equal(answer.status, 400, `${label}: ${answer.status}`)
        }
      }
      for (const value of Object.values(values))
        for (const header of ['X-SSL-CERT', 'X-SSL-Client-Cert', 'Client-Cert', 'client_cert']) {
          const label = `${header} through ${role} with ${http}`
          for (const repeated of [value, [value, value]]) {
            const answer = await ask({ ...tokenFor('acme', site[role]), headers: { [header]: repeated } })
            assert.ok([400, 401].includes(answer.status), `${label}: ${answer.status}`)
          }
        }
      connection.close()
    }
}

async function forgedBesideCertificate(site: Site, terminator: Terminator): Promise<void> {
  const values = forgedValues(certificates.acme)
  const stranger = certificates.strangers['another name of the same CA']
  for (const way of ways)
    for (const [header, value] of Object.entries({
      'X-SSL-CERT': values.escaped,
      'X-SSL-Client-Cert': values.base64,
      'Client-Cert': values.rfc9440,
      'X-SSL-Client-Chain': values.base64,
      'X-SSL-VERIFY': 'SUCCESS',
    })) {
      const forged = await askOnce(site.opening('mtls', { ...way, certificate: stranger }), {
        ...tokenFor('acme', site.mtls),
        headers: { [header]: value },
      })
      if (terminator.upstream === 'tls') {
        assert.equal(forged.status, 400, `${header}: ${forged.text}`)
        continue
      }
      assert.equal(forged.status, 401, `${header}: ${forged.text}`)
      await tokenIsBound(site, 'ec', certificates.selfSigned['ec'], way, { [header]: value })
    }
}

async function hopByHop(site: Site): Promise<void> {
  for (const named of [
    'X-SSL-CERT',
    'X-SSL-VERIFY',
    'X-SSL-Client-Cert',
    'X-SSL-Client-Verify',
    'Client-Cert',
    'Holdfast-Proxy-Secret',
  ])
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      await tokenIsBound(site, 'acme', certificates.acme, { version, http: 'h1' }, { Connection: `close, ${named}` })
}

async function misdirected(site: Site): Promise<void> {
  for (const way of ways)
    for (const [role, host] of [
      ['main', site.mtls],
      ['mtls', site.main],
      ['main', site.mtls.toUpperCase()],
      ['mtls', site.main.toUpperCase()],
    ] as const)
      for (const certificate of role === 'mtls' ? [undefined, certificates.acme] : [undefined])
        for (const forged of [undefined, forgedValues(certificates.acme).escaped]) {
          const answer = await askOnce(site.opening(role, { ...way, certificate }), {
            ...secretive(host),
            ...(forged === undefined ? {} : { headers: { 'X-SSL-CERT': forged } }),
          })
          assert.equal(answer.status, 421, `SNI of ${role}, Host ${host}, ${way.version}, ${way.http}: ${answer.text}`)
        }
}

async function withoutServerName(site: Site, terminator: Terminator): Promise<void> {
  for (const way of ways) {
    const nameless = await openConnection(site.opening('main', { ...way, serverName: '' }))
    assert.equal(nameless.asked, false)
    const served = await nameless.ask(secretive(site.main))
    assert.equal(served.status, terminator.withoutServerName === 'served' ? 200 : 421, served.text)
    nameless.close()
    const crossing = await askOnce(site.opening('main', { ...way, serverName: '' }), secretive(site.mtls))
    assert.equal(crossing.status, 421, `no TLS name, Host ${site.mtls}: ${crossing.status}`)
  }
}

async function resumption(site: Site, terminator: Terminator): Promise<void> {
  for (const way of ways) {
    const certificate = certificates.acme
    const first = await openConnection(site.opening('mtls', { ...way, certificate }))
    assert.equal((await first.ask(tokenFor('acme', site.mtls))).status, 200)
    const session = first.session()
    first.close()
    const second = await openConnection(site.opening('mtls', { ...way, certificate, session }))
    assert.equal(second.resumed, terminator.resumes, `${way.version} ${way.http}`)
    const answer = await second.ask(tokenFor('acme', site.mtls))
    second.close()
    assert.deepEqual(cnfOf(answer), { 'x5t#S256': certificate.thumbprint }, answer.text)
  }
}

async function expiredMeanwhile(site: Site): Promise<void> {
  const notAfter = Math.floor(Date.now() / 1000) + 2
  const certificate = certificates.authority.issue({ commonName: 'acme', san: { dns: ['acme.example'] }, notAfter })
  const open = await Promise.all(
    ways.map(async (way) => ({ way, connection: await openConnection(site.opening('mtls', { ...way, certificate })) })),
  )
  for (const { connection } of open)
    assert.equal((await connection.ask(tokenFor('acme', site.mtls))).status, 200, 'while it is good')
  await new Promise((done) => setTimeout(done, (notAfter + 1) * 1000 - Date.now()))
  for (const { way, connection } of open) {
    const kept = await connection.ask(tokenFor('acme', site.mtls))
    assert.equal(kept.body['error'], 'invalid_client', `kept open: ${kept.status} ${kept.text}`)
    const session = connection.session()
    connection.close()
    const resumed = await askOnce(site.opening('mtls', { ...way, certificate, session }), tokenFor('acme', site.mtls))
    assert.ok(resumed.status === 0 || resumed.body['error'] === 'invalid_client', `${resumed.status} ${resumed.text}`)
  }
}

async function foreignSession(site: Site, terminator: Terminator): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-session-'))
  const file = (name: string): string => join(folder, name)
  await writeFile(file('acme.pem'), certificates.acme.chainPem)
  await writeFile(file('acme.key'), certificates.acme.keyPem)
  const certificate = ['-cert', file('acme.pem'), '-key', file('acme.key')]
  const acme = http1Text(site.mtls, '/token', tokenFor('acme', site.mtls).form)
  const { port, serverName } = site.opening('main')
  const to = (role: 'main' | 'mtls'): readonly string[] => [
    ...['-connect', `127.0.0.1:${port}`, '-servername', role === 'main' ? serverName : site.opening('mtls').serverName],
  ]
  const offering = (name: string): readonly string[] => (existsSync(file(name)) ? ['-sess_in', file(name)] : [])
  for (const version of ['-tls1_2', '-tls1_3']) {
    const fromMain = `main${version}`
    await opensslRequest(
      [version, ...to('main'), '-sess_out', file(fromMain)],
      http1Text(site.main, '/jwks'),
      file('trace'),
    )
    const asking = await opensslRequest(
      [version, ...to('mtls'), ...offering(fromMain), ...certificate],
      acme,
      file('trace'),
    )
    assert.equal(asking.offered, existsSync(file(fromMain)), `${version}: what was given is offered`)
    const lost = terminator.foreignSession === 'lost'
    assert.equal(asking.resumed, lost, `${version}: ${asking.text}`)
    assert.match(asking.text, lost ? /"invalid_client"/ : /HTTP\/1\.1 200 /, 'lost or kept, but never another one')

    const fromMtls = `mtls${version}`
    await opensslRequest([version, ...to('mtls'), '-sess_out', file(fromMtls), ...certificate], acme, file('trace'))
    const back = await opensslRequest(
      [version, ...to('main'), ...offering(fromMtls)],
      http1Text(site.main, '/token', secretive(site.main).form),
      file('trace'),
    )
    assert.equal(back.offered, existsSync(file(fromMtls)), `${version}: what was given is offered`)
    assert.match(back.text, /HTTP\/1\.1 200 /)
    const token = /"access_token":"[^".]+\.([^".]+)/.exec(back.text)?.[1] ?? ''
    const claims = JSON.parse(Buffer.from(token, 'base64url').toString()) as { readonly cnf?: unknown }
    assert.equal(claims.cnf, undefined, 'the certificate of the other host')
  }
  // TLS 1.3 always has a ticket; without one the whole test would have tried nothing.
  assert.ok(existsSync(file('main-tls1_3')) && existsSync(file('mtls-tls1_3')))
  await rm(folder, { recursive: true })
}

async function largeBodies(site: Site): Promise<void> {
  for (const way of ways) {
    const opening = site.opening('mtls', { ...way, certificate: certificates.acme })
    const padded = (bytes: number): Asking => ({
      host: site.mtls,
      form: `${tokenFor('acme', site.mtls).form ?? ''}&padding=${'x'.repeat(bytes)}`,
    })
    for (const framing of [{}, { framing: 'streamed' }] as const) {
      const label = `${way.version} ${way.http} ${JSON.stringify(framing)}`
      const taken = await askOnce(opening, { ...padded(60_000), ...framing })
      assert.equal(taken.status, 200, `${label}: ${taken.text} ${taken.failure ?? ''}`)
      assert.deepEqual(cnfOf(taken), { 'x5t#S256': certificates.acme.thumbprint }, label)
      const beyond = await askOnce(opening, { ...padded(400_000), ...framing })
      assert.equal(beyond.status, 413, `${label}: ${beyond.text} ${beyond.failure ?? ''}`)
      assert.equal(typeof beyond.body['error'], 'string', beyond.text)
    }
  }
}

async function largeHeaders(site: Site): Promise<void> {
  for (const http of ['h1', 'h2'] as const)
    for (const role of ['main', 'mtls'] as const) {
      const answer = await askOnce(site.opening(role, { http, certificate: certificates.selfSigned['12-kb'] }), {
        host: site[role],
        path: '/jwks',
        headers: { 'X-Anything': 'x'.repeat(7_000) },
      })
      assert.ok(answer.status === 200 || answer.status === 404, `${role} ${http}: ${answer.status} ${answer.text}`)
    }
}

async function tokenIsBound(
  site: Site,
  client: string,
  certificate: TestCertificate | undefined,
  way: Partial<Opening>,
  headers?: Asking['headers'],
): Promise<void> {
  const asking = { ...tokenFor(client, site.mtls), ...(headers === undefined ? {} : { headers }) }
  const answer = await askOnce(site.opening('mtls', { ...way, certificate }), asking)
  const label = `${client} with ${way.version ?? ''} and ${way.http ?? ''}: ${answer.status} ${answer.text} ${answer.failure ?? ''}`
  assert.equal(answer.status, 200, label)
  assert.deepEqual(cnfOf(answer), { 'x5t#S256': certificate?.thumbprint }, label)
}

function tokenFor(client: string, host: string): Asking {
  return { host, form: `grant_type=client_credentials&client_id=${client}` }
}

function secretive(host: string): Asking {
  return { host, form: `${tokenFor('secretive', host).form ?? ''}&client_secret=${encodeURIComponent(clientSecret)}` }
}

function cnfOf(answer: Answer): unknown {
  const token = answer.body['access_token']
  if (typeof token !== 'string') return 'no token'
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly cnf?: unknown
  }
  return claims.cnf
}

interface ForgedValues {
  readonly escaped: string
  readonly flat: string
  readonly base64: string
  readonly rfc9440: string
  readonly xfcc: string
}

function forgedValues({ pem, der }: TestCertificate): ForgedValues {
  const escaped = encodeURIComponent(pem)
  const base64 = Buffer.from(der).toString('base64')
  return { escaped, flat: pem.trim().replaceAll('\n', ' '), base64, rfc9440: `:${base64}:`, xfcc: `Cert="${escaped}"` }
}

function valueFor(name: string, values: ForgedValues): string {
  if (/verify|verif/i.test(name)) return 'SUCCESS'
  if (/^client-cert|rfc9440/i.test(name)) return values.rfc9440
  if (/^x-forwarded-client-cert$/i.test(name)) return values.xfcc
  return /^x-ssl-cert|^ssl-client|amzn/i.test(name) ? values.escaped : values.base64
}
