import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, askOnce, type Asking, type Opening, openConnection } from './terminator-client.ts'
import { clientSecret, type HostingStyle, makeCertificates, type Site, startSite } from './terminator-site.ts'
import { terminators } from './terminators.ts'

/**
 * The four places at which certificates can be asked for, each behind a real terminator with the generated configuration: what the
 * metadata says is where a client with a certificate gets its token.
 */
const certificates = makeCertificates()

/** Who is run in which style, and over what a certificate can come in there: in path style most can ask by renegotiation only. */
const runs: readonly (readonly [name: string, style: HostingStyle, ways: readonly Partial<Opening>[]])[] = [
  ...(['sub-domain', 'domain', 'port', 'path'] as const).map(
    (style) =>
      [
        'nginx',
        style,
        [
          { version: 'TLSv1.2', http: 'h1' },
          { version: 'TLSv1.3', http: 'h2' },
        ],
      ] as const,
  ),
  ...['apache', 'yarp', 'kestrel'].map((name) => [name, 'path', [{ version: 'TLSv1.2', http: 'h1' }]] as const),
]

for (const [name, style, ways] of runs) {
  const terminator = terminators.find((candidate) => candidate.name === name)
  if (terminator === undefined) throw new Error(`no terminator is called ${name}`)
  const preset = terminator.presets[0]
  test(`RFC8705-M22 ${name} in ${style} style: the aliases lead to where certificates are asked for`, async (t) => {
    if (!terminator.present(t)) return
    const site = await startSite(t, terminator, preset, certificates, style)
    if (site === undefined) return
    const alias = await tokenAlias(site)
    assert.equal(alias.origin, `https://${site.mtls.replace(/\/.*$/, '')}`)
    assert.equal(alias.pathname, style === 'path' ? '/mtls/token' : '/token')
    for (const way of ways) {
      const opening = site.opening('mtls', way)
      const bound = await askOnce({ ...opening, certificate: certificates.acme }, tokenFor('acme', alias))
      assert.equal(bound.status, 200, `${way.version ?? ''}: ${bound.text} ${bound.failure ?? ''}`)
      assert.deepEqual(cnfOf(bound), { 'x5t#S256': certificates.acme.thumbprint })
      const stranger = certificates.strangers['another name of the same CA']
      const refused = await askOnce({ ...opening, certificate: stranger }, tokenFor('acme', alias))
      assert.equal(refused.body['error'], 'invalid_client', refused.text)
      const without = await askOnce(opening, tokenFor('acme', alias))
      assert.equal(without.body['error'], 'invalid_client', without.text)
    }
  })

  if (style === 'path')
    test(`${name} in path style: only below the path a certificate counts, and no header is believed`, async (t) => {
      if (!terminator.present(t)) return
      const site = await startSite(t, terminator, preset, certificates, style)
      if (site === undefined) return
      const alias = await tokenAlias(site)
      const own = new URL('/token', alias)
      for (const way of ways) {
        const connection = await openConnection({ ...site.opening('main', way), certificate: certificates.acme })
        // nginx asks everybody; the others ask when the path is known.
        assert.equal(connection.asked, name === 'nginx', 'asked at the handshake')
        const before = await connection.ask(secretive(own))
        assert.equal(before.status, 200, before.text)
        assert.equal(cnfOf(before), undefined, 'not below the path')
        const below = await connection.ask(secretive(alias))
        assert.deepEqual(cnfOf(below), { 'x5t#S256': certificates.acme.thumbprint }, below.text)
        const after = await connection.ask(secretive(own))
        assert.equal(cnfOf(after), undefined, 'on the same connection, not below the path')
        connection.close()
        const base64 = Buffer.from(certificates.acme.der).toString('base64')
        for (const target of [own, alias])
          for (const [header, value] of Object.entries({
            'X-SSL-CERT': encodeURIComponent(certificates.acme.pem),
            'X-Client-Cert': base64,
            'Client-Cert': `:${base64}:`,
          })) {
            const forged = { ...secretive(target), headers: { [header]: value } }
            const answer = await askOnce(site.opening('main', way), forged)
            assert.equal(answer.status, 200, `${header}: ${answer.text}`)
            assert.equal(cnfOf(answer), undefined, `${header} at ${target.pathname}`)
          }
      }
    })
}

async function tokenAlias(site: Site): Promise<URL> {
  const path = '/.well-known/oauth-authorization-server'
  const { body, text } = await askOnce(site.opening('main', { version: 'TLSv1.2' }), { host: site.main, path })
  const aliases = body['mtls_endpoint_aliases'] as Readonly<Record<string, string>> | undefined
  assert.ok(aliases?.['token_endpoint'] !== undefined, text)
  return new URL(aliases['token_endpoint'])
}

function tokenFor(client: string, { host, pathname }: URL): Asking {
  return { host, path: pathname, form: `grant_type=client_credentials&client_id=${client}` }
}

function secretive(url: URL): Asking {
  const asking = tokenFor('secretive', url)
  return { ...asking, form: `${asking.form ?? ''}&client_secret=${encodeURIComponent(clientSecret)}` }
}

function cnfOf(answer: Answer): unknown {
  const token = answer.body['access_token']
  if (typeof token !== 'string') return `no token: ${answer.status} ${answer.text}`
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly cnf?: unknown }).cnf
}
