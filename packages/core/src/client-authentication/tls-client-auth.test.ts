import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCertificate } from '@holdfast/x509'
import { qcStatementsExtension, type QcStatementsTemplate } from '@holdfast/x509/issue'
import { createSelfSignedCertificate, type TestCertificateOptions } from '@holdfast/testkit'
import { certificateIdentity } from '../client-certificate/certificate-identity.ts'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import { MetadataProblems } from '../client-registration/metadata-problem.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import { tlsClientAuthSubject } from '../client-registration/tls-client-auth-subject.ts'
import { tlsClientAuth } from './tls-client-auth.ts'

/** What the certificate names does not depend on who signed it: a self-signed one with the proof of trust will do. */
function trusted(options: TestCertificateOptions): TrustedCertificate {
  const { der, thumbprint } = createSelfSignedCertificate({ commonName: 'x', ...options })
  const certificate = parseCertificate(der)
  assert.ok(certificate.ok, JSON.stringify(certificate))
  const identity = certificateIdentity(certificate.value)
  return { certificate: certificate.value, thumbprint, trust: 'partners', identity } as unknown as TrustedCertificate
}

function clientExpecting(member: string, value: string): RegisteredClient<'tls_client_auth'> {
  const problems = new MetadataProblems()
  const subject = tlsClientAuthSubject(new Map([[member, value]]), problems)
  assert.ok(subject, JSON.stringify(problems.found))
  return {
    clientId: 'acme',
    authentication: { method: 'tls_client_auth', trust: 'partners', subject },
  } as unknown as RegisteredClient<'tls_client_auth'>
}

const dn = 'tls_client_auth_subject_dn'
const dns = 'tls_client_auth_san_dns'
const uri = 'tls_client_auth_san_uri'
const ip = 'tls_client_auth_san_ip'
const email = 'tls_client_auth_san_email'

const organization = 'certificate_organization_identifier'
const spiffe = 'spiffe_id'

const mailbox = (address: string): { readonly oid: string; readonly value: Uint8Array } => ({
  oid: '1.3.6.1.5.5.7.8.9',
  value: utf8(address),
})
const named = (...uris: readonly string[]): TestCertificateOptions => ({
  keyUsage: ['digitalSignature'],
  san: { uri: uris },
})

const utf8 = (text: string): Uint8Array => Uint8Array.from([0x0c, Buffer.byteLength(text), ...Buffer.from(text)])

const cases: readonly (readonly [rule: string, member: string, value: string, TestCertificateOptions, 'yes' | 'no'])[] =
  [
    [
      'RFC8705-M6 attribute types by name or OID, blanks and case do not matter',
      dn,
      'cn = ACME  gateway,o=Acme',
      { subject: 'CN=Acme Gateway,O=acme' },
      'yes',
    ],
    [
      'RFC8705-M6 a type written as OID is the same type',
      dn,
      '2.5.4.3=acme,O=Acme',
      { subject: 'CN=acme,O=Acme' },
      'yes',
    ],
    ['RFC8705-M6 the order of RDNs matters', dn, 'O=Acme,CN=acme', { subject: 'CN=acme,O=Acme' }, 'no'],
    [
      'RFC8705-M6 the order within a multi-valued RDN does not',
      dn,
      'OU=x+CN=acme,O=Acme',
      { subject: 'CN=acme+OU=x,O=Acme' },
      'yes',
    ],
    ['RFC8705-M6 one RDN with two attributes is not two RDNs', dn, 'CN=acme,OU=x', { subject: 'CN=acme+OU=x' }, 'no'],
    ['RFC8705-M6 a name with more RDNs is another name', dn, 'CN=acme', { subject: 'CN=acme,O=Acme' }, 'no'],
    [
      'RFC8705-M6 a name that only begins like the expected one is another name',
      dn,
      'CN=acme',
      { subject: 'OU=x,CN=acme' },
      'no',
    ],
    [
      'RFC8705-M6 a value that holds the text of another name is only a value',
      dn,
      'CN=acme,O=Acme',
      { subject: 'CN=acme\\,O\\=Acme' },
      'no',
    ],
    ['RFC8705-M6 an escaped comma is a comma', dn, 'CN=acme\\2C inc', { subject: 'CN=acme\\, inc' }, 'yes'],
    ['RFC8705-M6 a value that begins with # is not its hex', dn, 'CN=\\#61', { subject: 'CN=a' }, 'no'],
    [
      'RFC8705-M9 a dNSName is compared without regard to case',
      dns,
      'ACME.example',
      { san: { dns: ['other.example', 'acme.EXAMPLE'] } },
      'yes',
    ],
    [
      'RFC8705-M9 another dNSName does not match',
      dns,
      'acme.example',
      { san: { dns: ['acme.example.evil.test', 'xacme.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 a wildcard in the certificate never matches',
      dns,
      'acme.example',
      { san: { dns: ['*.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 a common name does not stand in for a dNSName',
      dns,
      'acme.example',
      { commonName: 'acme.example' },
      'no',
    ],
    [
      'RFC8705-M9 a dNSName in a URI or an e-mail address is not one',
      dns,
      'acme.example',
      { san: { uri: ['https://acme.example'], email: ['x@acme.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 a URI that holds the text of a dNSName entry is only a URI',
      dns,
      'victim.example',
      { san: { uri: ['https://evil.example/, DNS:victim.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 an otherName that holds the name is not a dNSName',
      dns,
      'victim.example',
      { san: { other: [{ oid: '1.2.3', value: utf8('victim.example') }] } },
      'no',
    ],
    [
      'RFC8705-M9 a URI is compared character by character',
      uri,
      'spiffe://acme.example/a',
      { san: { uri: ['spiffe://acme.example/a'] } },
      'yes',
    ],
    [
      'RFC8705-M9 a URI in another case is another URI',
      uri,
      'spiffe://acme.example/a',
      { san: { uri: ['spiffe://acme.example/A', 'spiffe://acme.example/a/'] } },
      'no',
    ],
    [
      'RFC8705-M9 an IPv6 address is compared as octets',
      ip,
      '2001:DB8:0::0:7',
      { san: { ip: ['2001:db8::7'] } },
      'yes',
    ],
    ['RFC8705-M9 an IPv4 address', ip, '192.0.2.7', { san: { ip: ['192.0.2.6', '192.0.2.7'] } }, 'yes'],
    [
      'RFC8705-M9 four octets are not the address that begins with them',
      ip,
      '2001:db8::7',
      { san: { ip: ['32.1.13.184'] } },
      'no',
    ],
    [
      'RFC8705-M9 an IPv4-mapped address is another address',
      ip,
      '192.0.2.7',
      { san: { ip: ['::ffff:192.0.2.7'] } },
      'no',
    ],
    [
      'RFC8705-M9 an address written as dNSName is not an iPAddress',
      ip,
      '192.0.2.7',
      { san: { dns: ['192.0.2.7'] } },
      'no',
    ],
    [
      'RFC8705-M9 the host of an e-mail address is compared without regard to case',
      email,
      'ops@ACME.example',
      { san: { email: ['ops@acme.EXAMPLE'] } },
      'yes',
    ],
    [
      'RFC8705-M9 the local part of an e-mail address is not',
      email,
      'ops@acme.example',
      { san: { email: ['Ops@acme.example'] } },
      'no',
    ],
    [
      'RFC8705-M9 an e-mail attribute of the subject is not a rfc822Name',
      email,
      'ops@acme.example',
      { subject: '1.2.840.113549.1.9.1=#16106f70734061636d652e6578616d706c65' },
      'no',
    ],
    [
      'RFC 9598 §5: an international address is an SmtpUTF8Mailbox',
      email,
      'zoë@ACME.example',
      { san: { other: [mailbox('zoë@acme.example')] } },
      'yes',
    ],
    [
      'RFC 9598 §3: an address in ASCII is never one',
      email,
      'ops@acme.example',
      { san: { other: [mailbox('ops@acme.example')] } },
      'no',
    ],
    [
      'RFC 9598 §5: an accent less is another address',
      email,
      'zoë@acme.example',
      { san: { email: ['zoe@acme.example'], other: [mailbox('zoé@acme.example')] } },
      'no',
    ],
    [
      'an organizationIdentifier is enough, whatever else the subject says, without regard to case',
      organization,
      'PSDGB-FCA-123456',
      { subject: 'CN=moved,organizationIdentifier=psdgb-fca-123456,O=New Name' },
      'yes',
    ],
    [
      'another organizationIdentifier is another party, also one that begins the same',
      organization,
      'PSDGB-FCA-123456',
      { subject: 'CN=x,organizationIdentifier=PSDGB-FCA-1234567' },
      'no',
    ],
    [
      'of two organizationIdentifiers neither counts',
      organization,
      'PSDGB-FCA-123456',
      { subject: 'organizationIdentifier=PSDGB-FCA-123456,organizationIdentifier=PSDGB-FCA-9' },
      'no',
    ],
    [
      'two in one RDN are two as well',
      organization,
      'PSDGB-FCA-123456',
      { subject: 'organizationIdentifier=PSDGB-FCA-123456+organizationIdentifier=PSDGB-FCA-9' },
      'no',
    ],
    [
      'an organizationIdentifier in another attribute is none',
      organization,
      'PSDGB-FCA-123456',
      { subject: 'CN=PSDGB-FCA-123456,serialNumber=PSDGB-FCA-123456' },
      'no',
    ],
    [
      'an organizationIdentifier in an alternative name is none',
      organization,
      'PSDGB-FCA-123456',
      { san: { directory: [[{ type: '2.5.4.97', value: 'PSDGB-FCA-123456' }]] } },
      'no',
    ],
    ['X509-SVID §2: the SPIFFE ID itself', spiffe, 'spiffe://a.example/pay', named('spiffe://a.example/pay'), 'yes'],
    [
      'X509-SVID §2: one below it is another',
      spiffe,
      'spiffe://a.example/pay',
      named('spiffe://a.example/pay/eu'),
      'no',
    ],
    ['everything below, one segment', spiffe, 'spiffe://a.example/pay/*', named('spiffe://a.example/pay/eu'), 'yes'],
    ['everything below, more', spiffe, 'spiffe://a.example/pay/*', named('spiffe://a.example/pay/eu/1'), 'yes'],
    [
      'everything below is not the ID itself',
      spiffe,
      'spiffe://a.example/pay/*',
      named('spiffe://a.example/pay'),
      'no',
    ],
    [
      'everything below goes by segments: a longer segment is beside it',
      spiffe,
      'spiffe://a.example/pay/*',
      named('spiffe://a.example/payroll/eu'),
      'no',
    ],
    ['everything of a trust domain', spiffe, 'spiffe://a.example/*', named('spiffe://a.example/x'), 'yes'],
    [
      'everything of a trust domain, and of no other that begins the same',
      spiffe,
      'spiffe://a.example/*',
      named('spiffe://a.example.evil/x'),
      'no',
    ],
  ]

describe('tlsClientAuth', () => {
  for (const [rule, member, value, options, match] of cases) {
    test(`${rule}: ${match === 'yes' ? 'accepted' : 'refused'}`, () => {
      const result = tlsClientAuth(clientExpecting(member, value), { certificate: trusted(options) })
      assert.equal(result.ok, match === 'yes', JSON.stringify(result))
      if (!result.ok) assert.equal(result.failure.reason, 'certificate_subject_mismatch')
    })
  }

  test('RFC8705-M5 a refusal names what was expected and what came, of that kind', () => {
    const certificate = trusted({
      subject: 'CN=other',
      san: { dns: ['b.example', 'c.example'], uri: ['https://d.example'] },
    })
    assert.deepEqual(tlsClientAuth(clientExpecting(dns, 'a.example'), { certificate }), {
      ok: false,
      failure: {
        reason: 'certificate_subject_mismatch',
        expected: { kind: 'san_dns', value: 'a.example' },
        presented: ['b.example', 'c.example'],
      },
    })
    assert.deepEqual(tlsClientAuth(clientExpecting(dn, 'CN=acme'), { certificate }), {
      ok: false,
      failure: {
        reason: 'certificate_subject_mismatch',
        expected: { kind: 'subject_dn', value: 'CN=acme' },
        presented: ['CN=other'],
      },
    })
  })

  test('RFC8705-M5 of every kind of alternative name a refusal shows what came, ten of them at most', () => {
    const certificate = trusted({
      san: {
        dns: Array.from({ length: 12 }, (_, at) => `h${at}.example`),
        uri: ['https://d.example'],
        ip: ['192.0.2.1', '2001:db8::1'],
        email: ['a@b.example'],
        other: [mailbox('zoë@b.example')],
      },
    })
    const presented = (member: string, value: string): unknown => {
      const result = tlsClientAuth(clientExpecting(member, value), { certificate })
      return !result.ok && 'presented' in result.failure && result.failure.presented
    }
    assert.deepEqual(
      presented(dns, 'a.example'),
      Array.from({ length: 10 }, (_, at) => `h${at}.example`),
    )
    assert.deepEqual(presented(uri, 'https://a.example'), ['https://d.example'])
    assert.deepEqual(presented(ip, '192.0.2.2'), ['192.0.2.1', '2001:db8::1'])
    assert.deepEqual(presented(email, 'c@b.example'), ['a@b.example', 'zoë@b.example'])
  })

  for (const [rule, options, problem] of [
    ['two URIs', named('spiffe://a.example/pay', 'https://a.example/'), 'svid_uri_count'],
    ['no URI', { keyUsage: ['digitalSignature'], san: { dns: ['a.example'] } }, 'svid_uri_count'],
    ['no key usage', { san: { uri: ['spiffe://a.example/pay'] }, keyUsage: [] }, 'svid_key_usage'],
    ['a CA certificate', { ...named('spiffe://a.example/pay'), ca: {} }, 'svid_is_ca'],
    [
      'a purpose that leaves clients out',
      { ...named('spiffe://a.example/pay'), eku: ['serverAuth'] },
      'svid_extended_key_usage',
    ],
    ['percent-encoding', named('spiffe://a.example/p%61y'), 'spiffe_path_malformed'],
    ['a dot segment', named('spiffe://a.example/x/../pay'), 'spiffe_path_malformed'],
    ['a port', named('spiffe://a.example:8443/pay'), 'spiffe_trust_domain_malformed'],
    ['another case of the scheme', named('SPIFFE://a.example/pay'), 'spiffe_scheme_missing'],
    ['the trust domain alone', named('spiffe://a.example'), 'svid_without_path'],
  ] as const satisfies readonly (readonly [string, TestCertificateOptions, string])[]) {
    test(`X509-SVID §2, §4: a certificate with ${rule} is no SVID, also below an ID with everything below`, () => {
      for (const id of ['spiffe://a.example/pay', 'spiffe://a.example/*']) {
        const result = tlsClientAuth(clientExpecting(spiffe, id), { certificate: trusted(options) })
        assert.ok(!result.ok)
        assert.equal(result.failure.reason, 'certificate_not_svid')
        assert.equal(result.failure.problem.reason, problem)
      }
    })
  }

  const qwac = (changes: Partial<QcStatementsTemplate> = {}): TrustedCertificate =>
    trusted({
      commonName: 'tpp',
      extensions: [qcStatementsExtension({ compliance: 'eu_qualified', types: ['web'], psd2, ...changes })],
    })
  const psd2 = { roles: ['PSP_AI'], competentAuthorityName: 'FCA', competentAuthorityId: 'GB-FCA' } as const

  for (const [what, certificate, accepted, refusal] of [
    ['of one of the authorities', qwac(), ['DE-BAFIN', 'GB-FCA'], undefined],
    ['of another authority', qwac(), ['DE-BAFIN'], { presented: 'GB-FCA' }],
    ['of an authority that only begins the same', qwac(), ['GB-FC', 'GB-FCAX'], { presented: 'GB-FCA' }],
    ['for seals', qwac({ types: ['eseal'] }), ['GB-FCA'], { problem: 'certificate_not_for_web' }],
    [
      'without a PSD2 statement',
      trusted({
        commonName: 'tpp',
        extensions: [qcStatementsExtension({ compliance: 'eu_qualified', types: ['web'] })],
      }),
      ['GB-FCA'],
      { problem: 'psd2_statement_missing' },
    ],
    ['without statements', trusted({ commonName: 'tpp' }), ['GB-FCA'], { problem: 'qc_statements_missing' }],
    [
      'with statements that cannot be read',
      trusted({
        commonName: 'tpp',
        extensions: [{ oid: '1.3.6.1.5.5.7.1.3', critical: false, value: Uint8Array.of(5, 0) }],
      }),
      ['GB-FCA'],
      { problem: 'qc_statements_malformed' },
    ],
  ] as const) {
    test(`TS 119 495 §5.1: where authorities are named, a certificate ${what} is ${refusal === undefined ? 'taken' : 'refused'}`, () => {
      const client = clientExpecting(dn, 'CN=tpp')
      const { authentication } = client
      const policy = { scopes: new Map(), authorities: accepted }
      const result = tlsClientAuth({ ...client, authentication: { ...authentication, psd2: policy } }, { certificate })
      assert.deepEqual(
        result.ok ? undefined : result.failure,
        refusal && {
          reason: 'psd2_authority_not_accepted',
          thumbprint: certificate.thumbprint,
          accepted: [...accepted],
          ...refusal,
        },
      )
    })
  }

  test('a refusal shows every organizationIdentifier that came', () => {
    const subject = 'organizationIdentifier=PSDGB-FCA-1,organizationIdentifier=PSDGB-FCA-2'
    const result = tlsClientAuth(clientExpecting(organization, 'PSDGB-FCA-1'), { certificate: trusted({ subject }) })
    assert.deepEqual(result.ok || result.failure, {
      reason: 'certificate_subject_mismatch',
      expected: { kind: 'organization_identifier', value: 'PSDGB-FCA-1' },
      presented: ['PSDGB-FCA-2', 'PSDGB-FCA-1'],
    })
  })

  test('a certificate that another trust profile vouches for is a bug of ours, not evidence', () => {
    const certificate = { ...trusted({ san: { dns: ['a.example'] } }), trust: 'strangers' } as TrustedCertificate
    assert.throws(() => tlsClientAuth(clientExpecting(dns, 'a.example'), { certificate }))
  })
})
