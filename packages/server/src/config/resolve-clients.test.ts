import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { RegisteredAuthentication } from '@holdfast/core'
import { createSelfSignedCertificate, temporaryDirectory } from '@holdfast/testkit'
import type { Configuration } from './configuration.ts'
import { formatProblem } from './configuration-problem.ts'
import { loadConfiguration } from './load-configuration.ts'

const directory = await temporaryDirectory({ after })
const file = join(directory, 'holdfast.yaml')
const certificate = createSelfSignedCertificate({
  subject: 'CN=tpp.example,organizationIdentifier=PSDGB-FCA-1,O=Bank\\, N.A.,C=GB',
  keyUsage: ['digitalSignature'],
  san: { dns: ['a.example', 'b.example'], uri: ['spiffe://acme.example/pay'] },
})
writeFileSync(join(directory, 'tpp.pem'), certificate.chainPem)
writeFileSync(join(directory, 'broken.pem'), 'subject=CN = tpp\n')

test('the name of a client is taken from a certificate in a file, of each kind', () => {
  for (const [member, text] of [
    ['tls_client_auth_subject_dn', 'CN=tpp.example,organizationIdentifier=PSDGB-FCA-1,O=Bank\\, N.A.,C=GB'],
    ['tls_client_auth_san_uri', 'spiffe://acme.example/pay'],
    ['certificate_organization_identifier', 'PSDGB-FCA-1'],
    ['spiffe_id', 'spiffe://acme.example/pay'],
  ] as const) {
    const { clients, advice } = accepted([{ [member]: { 'from-certificate': './tpp.pem' } }])
    const { subject } = clients.find('client-0')?.authentication as RegisteredAuthentication<'tls_client_auth'>
    assert.equal(subject.text, text)
    assert.deepEqual(advice, [])
  }
})

test('where there is no name, or more than one, or no certificate, the client is refused with its line and one reason', () => {
  const from = (name: string): object => ({ 'from-certificate': name })
  assert.deepEqual(
    refused([
      { tls_client_auth_san_dns: from('tpp.pem') },
      { tls_client_auth_san_ip: from('tpp.pem') },
      { tls_client_auth_subject_dn: from('nowhere.pem') },
      { tls_client_auth_subject_dn: from('broken.pem') },
    ]),
    [
      'holdfast.yaml:10: clients[0].tls_client_auth_san_dns: tpp.pem: the certificate has more than one name of this kind\n  hint: write the one that is meant: a.example, b.example',
      'holdfast.yaml:11: clients[1].tls_client_auth_san_ip: tpp.pem: the certificate has no name of this kind\n  hint: holdfast cert registration tpp.pem',
      'holdfast.yaml:12: clients[2].tls_client_auth_subject_dn: nowhere.pem: not readable',
      'holdfast.yaml:13: clients[3].tls_client_auth_subject_dn: broken.pem: text outside block in line 1\n  hint: the certificate in PEM, its issuers behind it, and nothing else',
    ],
  )
  const [missing, unknown] = refused([{ tls_client_auth_subject_dn: { 'from-certificat': 'tpp.pem' } }])
  assert.match(missing ?? '', /:10: clients\[0\]\.tls_client_auth_subject_dn\.from-certificate: missing/)
  assert.match(unknown ?? '', /from-certificat: unknown key\n {2}hint: did you mean from-certificate\?/)
})

test('a name that looks reversed is warned about, with the text to write; one from a certificate never is', () => {
  const { advice } = accepted([
    { tls_client_auth_subject_dn: 'CN=tpp.example,O=Bank,C=GB' },
    { tls_client_auth_subject_dn: 'C=GB,O=Bank\\, N.A.,CN=tpp.example' },
  ])
  assert.deepEqual(advice, [
    {
      path: 'clients[1].tls_client_auth_subject_dn',
      warning: 'the name reads as if it were turned round: its text ends with what a certificate names last',
      hint: 'if so, write "CN=tpp.example,O=Bank\\\\, N.A.,C=GB"',
    },
  ])
})

test('a name of Open Finance Brasil is warned about where its profile has another form', () => {
  const { advice } = accepted([
    { tls_client_auth_subject_dn: 'UID=1,serialNumber=2,2.5.4.97=#0c074f464242522d31,C=BR' },
  ])
  assert.deepEqual(
    advice.map(({ warning }) => warning),
    ['Open Finance Brasil writes serialNumber as OID=#hex; both are the same here, not everywhere'],
  )
})

test('SPIFFE Trust Domain and Bundle §5: anchors that vouch for two trust domains are warned about', () => {
  const { advice } = accepted([
    { spiffe_id: 'spiffe://a.example/x' },
    { spiffe_id: 'spiffe://a.example/y/*' },
    { spiffe_id: 'spiffe://b.example/*' },
  ])
  assert.deepEqual(
    advice.map(({ path, warning }) => [path, warning]),
    [['clients[2].spiffe_id', 'trust.partners vouches for SVIDs of a.example as well as of b.example']],
  )
})

test('an unknown attribute type is told with its place, what was probably meant and how any type can be written', () => {
  const [problem = ''] = refused([{ tls_client_auth_subject_dn: 'CN=x,organisationIdentifier=PSDGB-FCA-1' }])
  assert.match(problem, /:10: clients\[0\]\.tls_client_auth_subject_dn: .*attribute type unknown at character 6\n/)
  assert.match(problem, /2\.5\.4\.97=#0c.*did you mean "CN=x,organizationIdentifier=PSDGB-FCA-1"\?/)
})

function accepted(clients: readonly object[]): Configuration {
  write(clients)
  const result = loadConfiguration({ file })
  assert.ok(
    result.ok,
    result.ok ? '' : result.failure.problems.map((one) => formatProblem(one, 'holdfast.yaml')).join(),
  )
  return result.value
}

function refused(clients: readonly object[]): readonly string[] {
  write(clients)
  const result = loadConfiguration({ file })
  assert.ok(!result.ok, 'accepted')
  return result.failure.problems.map((problem) => formatProblem(problem, 'holdfast.yaml'))
}

/** One client a line. */
function write(clients: readonly object[]): void {
  const common = {
    token_endpoint_auth_method: 'tls_client_auth',
    trust: 'partners',
    grant_types: ['client_credentials'],
  }
  const lines = clients.map(
    (client, at) => `  - ${JSON.stringify({ client_id: `client-${at}`, ...common, ...client })}\n`,
  )
  writeFileSync(
    file,
    `issuer: https://as.test
hosts: { as.test: { role: main }, mtls.as.test: { role: mtls } }
listeners:
  - address: 127.0.0.1:8443
    tls: { certificate: server.pem, key: server.key }
trust:
  partners: { anchors: [ca.pem] }
store: { url: 'memory:' }
clients:
${lines.join('')}`,
  )
}
