import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate, TestCertificateOptions } from '@holdfast/testkit'
import { encodeElement } from '@holdfast/x509'
import { qcStatementsExtension, subjectAltNameExtension } from '@holdfast/x509/issue'
import type { QcStatementsTemplate } from '@holdfast/x509/issue'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'

const common = { grant_types: ['client_credentials'], scope: 'accounts payments profile' }
const byCa = { ...common, token_endpoint_auth_method: 'tls_client_auth', trust: 'partners' }
const roles = { PSP_AI: 'accounts', PSP_PI: ['payments'] }
const clients = [
  { ...byCa, client_id: 'organization', certificate_organization_identifier: 'PSDGB-FCA-123456' },
  { ...byCa, client_id: 'workload', spiffe_id: 'spiffe://bank.example/pay/card' },
  { ...byCa, client_id: 'workloads', spiffe_id: 'spiffe://bank.example/pay/*' },
  { ...byCa, client_id: 'email', tls_client_auth_san_email: 'zoë@bank.example' },
  { ...byCa, client_id: 'ascii-email', tls_client_auth_san_email: 'zoe@bank.example' },
  { ...byCa, client_id: 'tpp', tls_client_auth_san_dns: 'tpp.example', scope_for_psd2_role: roles },
  {
    ...byCa,
    client_id: 'of-the-fca',
    tls_client_auth_san_dns: 'tpp.example',
    psd2_competent_authorities: ['GB-FCA'],
  },
]

const organization = 'organizationIdentifier=PSDGB-FCA-123456'
const file = untilFileEnds()
let at: AttackedServer

before(async () => {
  at = await startAttackedServer(file, () => ({ clients }))
})

test('an organizationIdentifier counts in the leaf’s subject alone, once, and nowhere else', async () => {
  assert.equal(
    (await at.token('organization', at.authority.issue({ subject: `CN=x,${organization},C=GB` }))).status,
    200,
  )
  await refuseAll('organization', [
    { subject: `CN=x,${organization},organizationIdentifier=PSDGB-FCA-9` },
    { subject: `${organization}+organizationIdentifier=PSDGB-FCA-9` },
    { subject: 'CN=PSDGB-FCA-123456,serialNumber=PSDGB-FCA-123456,O=PSDGB-FCA-123456' },
    { subject: `CN=x\\,${organization.replace('=', '\\=')}` },
    { subject: 'organizationIdentifier=PSDGB-FCA-1234567' },
    { subject: 'organizationIdentifier=PSDGB-FCA-12345' },
    {
      subject: [
        { type: '2.5.4.97', value: 'PSDGB-FCA-123456\u0000x' },
        { type: '2.5.4.97', value: 'x' },
      ],
    },
    { san: { directory: [[{ type: '2.5.4.97', value: 'PSDGB-FCA-123456' }]], dns: ['psdgb-fca-123456'] } },
  ])
  const issuer = at.authority.issueAuthority({ subject: `CN=x,${organization}` })
  assert.equal((await at.token('organization', issuer.issue({ commonName: 'x' }))).status, 401, 'in its issuer')
  const stranger = createTestAuthority().issue({ subject: organization })
  assert.equal((await at.token('organization', stranger)).status, 401, 'by a CA that nobody trusts')
})

test('X509-SVID §2, §4: only a whole SVID has a SPIFFE ID, and a prefix goes by whole segments', async () => {
  const svid = (...uri: readonly string[]): TestCertificateOptions => ({ subject: [], san: { uri } })
  const pay = 'spiffe://bank.example/pay'
  assert.equal((await at.token('workload', at.authority.issue(svid(`${pay}/card`)))).status, 200)
  for (const below of ['card', 'card/eu', 'x']) {
    assert.equal((await at.token('workloads', at.authority.issue(svid(`${pay}/${below}`)))).status, 200, below)
  }
  await refuseAll('workload', [svid(`${pay}/card/eu`), svid(`${pay}/Card`), svid(`${pay}/card/`)])
  for (const client of ['workload', 'workloads']) {
    await refuseAll(client, [
      svid(pay),
      svid(`${pay}roll/card`),
      svid('spiffe://bank.example.evil/pay/card'),
      svid('spiffe://evil.example/spiffe://bank.example/pay/card'),
      svid(`${pay}/../pay/card`),
      svid(`${pay}//card`),
      svid(`${pay}/c%61rd`),
      svid(`${pay}/card?x`),
      svid(`${pay}/card#x`),
      svid('spiffe://bank.example:443/pay/card'),
      svid('spiffe://user@bank.example/pay/card'),
      svid('SPIFFE://bank.example/pay/card'),
      svid(`${pay}/card`, 'https://bank.example/'),
      svid('spiffe://bank.example/other', `${pay}/card`),
      { ...svid(`${pay}/card`), eku: ['serverAuth'] },
      { ...svid(`${pay}/card`), keyUsage: [] },
      { ...svid(`${pay}/card`), keyUsage: ['digitalSignature', 'cRLSign'] },
      { ...svid(`${pay}/card`), keyUsage: ['keyAgreement'] },
      { ...svid(`${pay}/card`), ca: {} },
      { subject: `CN=${pay}/card` },
      { san: { dns: [`${pay}/card`], email: [`${pay}/card`] } },
    ])
  }
})

test('CVE-2024-6119, RFC 9598: an international mailbox is one in every rule, or none', async () => {
  const mailbox = (address: string, tag = 0x0c): TestCertificateOptions => ({
    san: { other: [{ oid: '1.3.6.1.5.5.7.8.9', value: encodeElement(tag, Buffer.from(address)) }] },
  })
  assert.equal((await at.token('email', at.authority.issue(mailbox('zoë@BANK.example')))).status, 200)
  await refuseAll('email', [
    mailbox('zoë@bank.example\0'),
    mailbox('zoë@bank.example\0.evil.example'),
    mailbox('zoë@bank.example@evil.example'),
    mailbox('Zoë@bank.example'),
    mailbox('zoe\u0308@bank.example'),
    mailbox('\ufeffzoë@bank.example'),
    mailbox('zoë\u200b@bank.example'),
    mailbox('zoë@bänk.example'),
    mailbox('zoë@xn--bank-.example'),
    mailbox('zoë@bank.example', 0x1e),
    mailbox('zoë@bank.example', 0x16),
    { san: { other: [{ oid: '1.3.6.1.5.5.7.8.7', value: encodeElement(0x0c, Buffer.from('zoë@bank.example')) }] } },
    {
      san: { email: ['zoe@bank.example', 'xn--zo-jja@bank.example'] },
    },
    {
      extensions: [
        subjectAltNameExtension([{ kind: 'raw', der: encodeElement(0x81, Buffer.from('zoë@bank.example')) }]),
      ],
    },
    { subject: [{ type: 'emailAddress', value: 'zoë@bank.example' }] },
  ])
  await refuseAll('ascii-email', [mailbox('zoe@bank.example'), mailbox('zoë@bank.example')])
})

test('TS 119 495 §5.1: scope is granted within the roles of the certificate that is presented, request by request', async () => {
  const ai = qwac({ psd2: { ...fca, roles: ['PSP_AI'] } })
  const pi = qwac({ psd2: { ...fca, roles: ['PSP_PI'] } })
  assert.deepEqual(await scope(ai, 'accounts profile'), 'accounts profile')
  assert.deepEqual(await scope(pi, 'payments'), 'payments')
  assert.deepEqual(await scope(ai), 'accounts profile')
  assert.deepEqual(await scope(pi), 'payments profile')
  assert.deepEqual(await scope(ai, 'payments'), 'invalid_scope')
  assert.deepEqual(await scope(pi, 'accounts payments'), 'invalid_scope')
  const log = await at.logText()
  assert.match(
    log,
    /"reason":"scope_beyond_psd2_roles","refused":\["payments"\],"needed":\{"payments":\["PSP_PI"\]\},"roles":\["PSP_AI"\],"authority":"GB-FCA"/,
  )
})

test('TS 119 495 §5.1: roles that the certificate does not state for its own holder count for nothing', async () => {
  for (const [what, certificate] of [
    ['no statements', at.authority.issue({ san: { dns: ['tpp.example'] } })],
    ['no PSD2 statement', qwac({})],
    ['a certificate for seals', qwac({ types: ['eseal'], psd2: fca })],
    ['no type', qwac({ types: [], psd2: fca })],
    ['statements that cannot be read', withStatements(Uint8Array.of(0x30, 3, 0x30, 5, 6))],
    ['a role whose name and identifier differ', withStatements(swappedRole())],
    [
      'statements of the issuer',
      at.authority.issueAuthority({ extensions: [statements({ psd2: fca })] }).issue({ san: { dns: ['tpp.example'] } }),
    ],
  ] as const) {
    assert.equal(await scope(certificate, 'accounts'), 'invalid_scope', what)
    assert.equal(await scope(certificate), 'profile', `${what}, by default`)
    assert.equal((await at.token('of-the-fca', certificate)).status, 401, `${what}: no authority`)
  }
  assert.equal((await at.token('of-the-fca', qwac({ psd2: fca }))).status, 200)
  const bafin = qwac({ psd2: { ...fca, competentAuthorityId: 'DE-BAFIN', competentAuthorityName: 'GB-FCA' } })
  const refused = await at.token('of-the-fca', bafin)
  assert.deepEqual([refused.status, refused.json['error']], [401, 'invalid_client'])
  assert.match(
    await at.logText(),
    /"reason":"psd2_authority_not_accepted".*"accepted":\["GB-FCA"\],"presented":"DE-BAFIN"/,
  )
})

const fca = {
  roles: ['PSP_AI', 'PSP_PI'],
  competentAuthorityName: 'Financial Conduct Authority',
  competentAuthorityId: 'GB-FCA',
} as const satisfies QcStatementsTemplate['psd2']

function statements(changes: Partial<QcStatementsTemplate>): ReturnType<typeof qcStatementsExtension> {
  return qcStatementsExtension({ compliance: 'eu_qualified', types: ['web'], ...changes })
}

function qwac(changes: Partial<QcStatementsTemplate>): TestCertificate {
  return at.authority.issue({ san: { dns: ['tpp.example'] }, extensions: [statements(changes)] })
}

function withStatements(value: Uint8Array): TestCertificate {
  return at.authority.issue({
    san: { dns: ['tpp.example'] },
    extensions: [{ oid: '1.3.6.1.5.5.7.1.3', critical: false, value }],
  })
}

/** PSP_AI by its identifier, PSP_PI by its name. */
function swappedRole(): Uint8Array {
  const { value } = statements({ psd2: { ...fca, roles: ['PSP_AI'] } })
  const swapped = Buffer.from(value)
  swapped.write('PSP_PI', swapped.indexOf('PSP_AI'))
  return swapped
}

/** What the token is for, or the error. */
async function scope(certificate: TestCertificate, asked?: string): Promise<unknown> {
  const { json } = await at.token('tpp', certificate, asked === undefined ? {} : { scope: asked })
  return json['error'] ?? json['scope']
}

async function refuseAll(client: string, certificates: readonly TestCertificateOptions[]): Promise<void> {
  for (const options of certificates) {
    const { status, json } = await at.token(client, at.authority.issue(options))
    assert.deepEqual([status, json['error']], [401, 'invalid_client'], `${client}: ${JSON.stringify(options)}`)
  }
}
