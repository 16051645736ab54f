import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority, listenOnLoopback } from '@holdfast/testkit'
import type { TestCertificate, TestCertificateOptions } from '@holdfast/testkit'
import { encodeElement } from '@holdfast/x509'
import {
  authorityInformationAccessExtension,
  badCertificateKinds,
  crlDistributionPointsExtension,
  subjectAltNameExtension,
} from '@holdfast/x509/issue'
import type { BadCertificateKind, NameTemplate } from '@holdfast/x509/issue'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'

const common = { grant_types: ['client_credentials'], scope: 'read' }
const byCa = { ...common, token_endpoint_auth_method: 'tls_client_auth', trust: 'partners' }
const usageRules = ['require', 'if_present', 'server_auth_too'] as const
const pinnedNames = { commonName: 'pinned', san: { dns: ['pinned.example'] } }
const serialNumber = Uint8Array.of(0x51, 2, 3, 4, 5, 6, 7, 8)
const pinned = createSelfSignedCertificate({ ...pinnedNames, serialNumber })
const clients = [
  { ...byCa, client_id: 'dns', tls_client_auth_san_dns: 'victim.example' },
  { ...byCa, client_id: 'dn', tls_client_auth_subject_dn: 'CN=victim,O=Bank' },
  { ...byCa, client_id: 'dn-with-signs', tls_client_auth_subject_dn: 'CN=victim\\,O=Bank\\+x,O=Bank' },
  { ...byCa, client_id: 'uri', tls_client_auth_san_uri: 'urn:victim' },
  { ...byCa, client_id: 'ip', tls_client_auth_san_ip: '192.0.2.1' },
  { ...byCa, client_id: 'email', tls_client_auth_san_email: 'ops@victim.example' },
  ...usageRules.map((rule) => ({
    ...byCa,
    client_id: rule,
    trust: rule,
    tls_client_auth_san_dns: 'victim.example',
  })),
  {
    ...common,
    client_id: 'pinned',
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    certificate_thumbprints: [pinned.thumbprint],
  },
]

const file = untilFileEnds()
let at: AttackedServer
let behind: { readonly path: string }

before(async () => {
  at = await startAttackedServer(file, (directory) => {
    behind = { path: join(directory, 'behind.sock') }
    return {
      clients,
      more: {
        listeners: [
          { address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } },
          { address: `unix:${behind.path}`, hosts: ['mtls.as.test'], 'client-certificate': { from: 'rfc9440' } },
        ],
        trust: {
          partners: { anchors: ['partners.pem'] },
          ...Object.fromEntries(
            usageRules.map((rule) => [rule, { anchors: ['partners.pem'], 'extended-key-usage': rule }]),
          ),
        },
      },
    }
  })
})

test('CVE-2023-2422: the victim’s names in an intermediate or in appended certificates authenticate nobody', async () => {
  const names = { subject: 'CN=victim,O=Bank', san: { dns: ['victim.example'] } }
  const victim = at.authority.issue(names)
  const namedLikeVictim = at.authority.issueAuthority(names)
  const attacker = at.authority.issue({ commonName: 'attacker' })
  const chains = {
    'an intermediate with the victim’s names': namedLikeVictim.issue({ commonName: 'attacker' }),
    'the victim’s own certificate appended': appended(attacker, victim),
    'a self-signed certificate with the victim’s names appended': appended(
      attacker,
      createSelfSignedCertificate(names),
    ),
    'the victim’s certificate as the only issuer': {
      ...attacker,
      chain: [victim.der],
      chainPem: attacker.pem + victim.pem,
    },
  }
  for (const client of ['dns', 'dn']) {
    assert.equal((await at.token(client, victim)).status, 200)
    for (const [what, certificate] of Object.entries(chains)) {
      const answer = await at.token(client, certificate)
      assert.deepEqual([answer.status, answer.json['error']], [401, 'invalid_client'], `${client}, ${what}`)
      const forwarded = await at.tokenBehind(behind, client, rfc9440Lines(certificate))
      assert.equal(forwarded.status, 401, `${client}, ${what}, by header`)
    }
  }
})

test('CVE-2026-22747, -47838: no value of another subject passes for the registered one', async () => {
  const bank = { type: 'O', value: 'Bank' }
  const subjects: readonly NameTemplate[] = [
    [{ type: 'CN', value: 'victim,O=Bank' }],
    [{ type: 'CN', value: 'victim, O=Bank' }],
    [{ type: 'CN', value: 'O=Bank,CN=victim' }],
    [{ type: 'CN', value: 'victim+O=Bank' }],
    [{ type: 'CN', value: 'victim/O=Bank' }],
    [{ type: 'CN', value: 'victim\nO=Bank' }],
    [{ type: 'O', value: 'Bank,CN=victim' }],
    [bank, { type: 'CN', value: 'CN=victim' }],
    [bank, { type: 'CN', value: 'victim\\' }],
    [bank, { type: 'CN', value: '"victim"' }],
    [bank, { type: 'CN', value: '\\76ictim' }],
    [bank, { type: 'CN', value: '#0c0676696374696d' }],
    [bank, { type: 'CN', value: 'victim\0.evil' }],
    [bank, { type: 'CN', value: 'vic tim' }],
    [bank, { type: 'CN', value: 'v\u0456ctim' }],
    [bank, { type: 'CN', value: 'victim' }, { type: 'CN', value: 'attacker' }],
    [bank, { type: 'CN', value: 'attacker' }, { type: 'CN', value: 'victim' }],
    [[bank, { type: 'CN', value: 'victim' }]],
    [{ type: 'CN', value: 'victim' }, bank],
    [
      { type: 'OU', value: 'Bank' },
      { type: 'CN', value: 'victim' },
    ],
    [{ type: 'CN', value: 'victim' }],
    [],
  ]
  assert.equal((await at.token('dn', at.authority.issue({ subject: 'CN=victim,O=Bank' }))).status, 200)
  await refuseAll(
    'dn',
    subjects.map((subject) => ({ subject })),
  )

  const signs = 'CN=victim\\,O=Bank\\+x,O=Bank'
  assert.equal((await at.token('dn-with-signs', at.authority.issue({ subject: signs }))).status, 200)
  await refuseAll('dn-with-signs', [
    { subject: [bank, bank, { type: 'CN', value: 'victim' }] },
    {
      subject: [
        bank,
        [
          { type: 'O', value: 'Bank' },
          { type: 'CN', value: 'x' },
        ],
        { type: 'CN', value: 'victim' },
      ],
    },
    { subject: 'CN=victim,O=Bank' },
  ])
})

test('CVE-2025-66220, CVE-2021-44531..3, CVE-2022-3602: a name hidden in another alternative name, or cut at NUL, is not there', async () => {
  const utf8 = (text: string): Uint8Array => encodeElement(0x0c, Buffer.from(text))
  const rawNames = (...names: Uint8Array[]): TestCertificateOptions => ({
    extensions: [subjectAltNameExtension(names.map((der) => ({ kind: 'raw', der })))],
  })
  const context = (tag: number, text: string): Uint8Array => encodeElement(0x80 | tag, Buffer.from(text))
  const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9'
  await refuseAll('dns', [
    { commonName: 'victim.example' },
    { san: { dns: ['victim.example\0.evil.example'] } },
    { san: { dns: ['victim.example\0'] } },
    { san: { dns: ['victim.example.evil.example', 'evil.victim.example', '*.example', '*', ''] } },
    { san: { dns: ['victim.example,DNS:victim.example'] } },
    { san: { dns: ['evil.example, DNS:victim.example'] } },
    { san: { uri: ['http://evil.example/, DNS:victim.example', 'victim.example', 'https://victim.example/'] } },
    { san: { email: ['x@victim.example', 'victim.example', 'x, DNS:victim.example'] } },
    { san: { directory: [[{ type: 'CN', value: 'victim.example' }]] } },
    { san: { other: [{ oid: '1.2.3.4', value: utf8('victim.example') }] } },
    { san: { other: [{ oid: '1.2.3.4', value: context(2, 'victim.example') }] } },
    { san: { other: [{ oid: smtpUtf8Mailbox, value: utf8('x@victim.example') }] } },
    rawNames(context(2, 'v\u0456ctim.example')),
    rawNames(context(2, 'victim.example\u200b')),
    rawNames(context(8, 'victim.example')),
    rawNames(encodeElement(0xa2, context(2, 'victim.example'))),
  ])
  await refuseAll('uri', [
    { san: { uri: ['urn:victim\0', 'urn:victim\0x', 'URN:victim', 'urn:Victim', 'urn:victim/', ' urn:victim'] } },
    { san: { dns: ['urn:victim'], email: ['urn:victim'] } },
  ])
  await refuseAll('ip', [
    { san: { dns: ['192.0.2.1'], uri: ['192.0.2.1'] } },
    { commonName: '192.0.2.1' },
    { san: { ip: ['::ffff:192.0.2.1', '192.0.2.2'] } },
    rawNames(context(7, '192.0.2.1')),
    rawNames(encodeElement(0x87, Uint8Array.of(192, 0, 2, 1, 255, 255, 255, 255))),
  ])
  await refuseAll('email', [
    { san: { email: ['ops@victim.example\0', 'ops@victim.example\0@evil.example', 'ops@evil.example'] } },
    { san: { email: ['OPS@victim.example', 'ops@xn--victim-.example', `ops@xn--${'a'.repeat(600)}.example`] } },
    { san: { other: [{ oid: smtpUtf8Mailbox, value: utf8('ops@victim.example') }] } },
    { subject: [{ type: 'emailAddress', value: 'ops@victim.example' }] },
  ])
})

test('CVE-2025-6037, CVE-2024-2048: a pinned certificate is that certificate, not its key and not its serial number', async () => {
  assert.equal((await at.token('pinned', pinned)).status, 200)
  const impostors: Readonly<Record<string, TestCertificate>> = {
    'same key, other subject': createSelfSignedCertificate({ key: pinned.key, commonName: 'other' }),
    'same key and names, issued again': createSelfSignedCertificate({ ...pinnedNames, key: pinned.key }),
    'same issuer, subject and serial number, other key': createSelfSignedCertificate({ ...pinnedNames, serialNumber }),
    'same key and names, by a CA': at.authority.issue({ ...pinnedNames, key: pinned.key }),
  }
  for (const [what, certificate] of Object.entries(impostors)) {
    assert.equal((await at.token('pinned', certificate)).status, 401, what)
    assert.equal((await at.tokenBehind(behind, 'pinned', rfc9440Lines(certificate))).status, 401, `${what}, by header`)
  }
})

test('CVE-2026-33896: a leaf that signs certificates for its own use is no CA', async () => {
  const leaf = at.authority.issue({
    commonName: 'partner',
    keyUsage: ['digitalSignature', 'keyCertSign'],
    extensions: [{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 0) }],
  })
  const workshop = createTestAuthority({ intermediateOptions: { key: leaf.key, subject: leaf.subject } })
  const forged = workshop.issue({ san: { dns: ['victim.example'] } })
  const chain = [leaf.der, ...leaf.chain]
  const certificate = { ...forged, chain, chainPem: forged.pem + leaf.chainPem }
  assert.equal((await at.token('dns', certificate)).status, 401)
  assert.equal((await at.tokenBehind(behind, 'dns', rfc9440Lines(certificate))).status, 401)
})

test('CVE-2021-3450, CVE-2022-21657: each trust takes the extended key usages that it says, and no others', async () => {
  const san = { dns: ['victim.example'] }
  const certificates = {
    client: at.authority.issue({ san, eku: ['clientAuth'] }),
    server: at.authority.issue({ san, eku: ['serverAuth'] }),
    signer: at.authority.issue({ san, eku: ['codeSigning'] }),
    silent: at.authority.issue({ san, eku: [] }),
  }
  const taken = {
    require: ['client'],
    if_present: ['client', 'silent'],
    server_auth_too: ['client', 'server', 'silent'],
  }
  for (const rule of usageRules)
    for (const [kind, certificate] of Object.entries(certificates)) {
      const { status, text } = await at.token(rule, certificate)
      assert.equal(status, taken[rule].includes(kind) ? 200 : 401, `${rule}: ${kind}: ${text}`)
    }
})

test('a bad certificate with the right name is refused, whatever is bad about it', async () => {
  for (const kind of Object.keys(badCertificateKinds) as BadCertificateKind[]) {
    const certificate = at.authority.issueBad(kind, { san: { dns: ['victim.example'] } })
    assert.equal((await at.tokenBehind(behind, 'dns', rfc9440Lines(certificate))).status, 401, kind)
  }
})

test('"mTLS done wrong": no address that a certificate names is ever asked', async (t) => {
  let asked = 0
  const trap = createServer((_, response) => {
    asked++
    response.end()
  })
  const uri = `http://127.0.0.1:${await listenOnLoopback(t, trap)}/`
  trap.on('connection', () => asked++)
  const certificate = at.authority.issue({
    san: { dns: ['victim.example'], uri: [uri] },
    extensions: [
      authorityInformationAccessExtension({ ocsp: [uri], caIssuers: [uri] }),
      crlDistributionPointsExtension([{ fullName: [{ kind: 'uri', uri }] }]),
    ],
  })
  assert.equal((await at.token('dns', certificate)).status, 200)
  // Nor when the issuer is not known, where it would be tempting to look for it.
  assert.equal((await at.token('dns', { ...certificate, chainPem: certificate.pem })).status, 200)
  const stranger = createTestAuthority({ name: 'Stranger' }).issue({
    san: { dns: ['victim.example'] },
    extensions: [authorityInformationAccessExtension({ ocsp: [uri], caIssuers: [uri] })],
  })
  assert.equal((await at.token('dns', stranger)).status, 401)
  assert.equal(asked, 0)
})

/** Every certificate must be refused, in the handshake and in a header. */
async function refuseAll(client: string, certificates: readonly TestCertificateOptions[]): Promise<void> {
  for (const options of certificates) {
    const certificate = at.authority.issue(options)
    const what = `${client}: ${JSON.stringify(options)}`
    const [shaken, forwarded] = await Promise.all([
      at.token(client, certificate),
      at.tokenBehind(behind, client, rfc9440Lines(certificate)),
    ])
    assert.deepEqual([shaken.status, shaken.json['error']], [401, 'invalid_client'], what)
    assert.equal(forwarded.status, 401, `${what}, by header`)
  }
}

function appended(certificate: TestCertificate, other: TestCertificate): TestCertificate {
  return {
    ...certificate,
    chain: [...certificate.chain, other.der],
    chainPem: certificate.chainPem + other.pem,
  }
}

/** The headers of RFC 9440, as a proxy writes them. */
function rfc9440Lines({ der, chain }: Pick<TestCertificate, 'der' | 'chain'>): readonly string[] {
  const item = (bytes: Uint8Array): string => `:${Buffer.from(bytes).toString('base64')}:`
  return [`Client-Cert: ${item(der)}`, `Client-Cert-Chain: ${chain.map(item).join(', ')}`]
}
