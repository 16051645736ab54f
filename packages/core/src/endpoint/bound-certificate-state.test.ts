import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import { parseCertificate, parseCertificateRevocationList } from '@holdfast/x509'
import { issueCertificateList } from '@holdfast/x509/issue'
import type { RevocationPolicy } from '../client-certificate/revocation-policy.ts'
import {
  errorOf,
  fakePorts,
  type FakePorts,
  ordinary,
  presented,
  reasonOf,
  registered,
  request,
  settings,
  tokenOf,
  trustProfile,
} from './fake-ports.test.ts'
import { createIntrospectionEndpoint } from './introspection-endpoint.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const authority = createTestAuthority({ intermediate: 'no' })
const certificate = authority.issue({ san: { dns: ['acme.example'] }, notAfter: 1_767_225_600 + 100 })
const selfSigned = createSelfSignedCertificate()
const acme = {
  ...ordinary,
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  tls_client_certificate_bound_access_tokens: true,
  trust: 'partners',
}
const pinned = {
  ...ordinary,
  client_id: 'pinned',
  token_endpoint_auth_method: 'self_signed_tls_client_auth',
  certificate_thumbprints: [selfSigned.thumbprint],
  tls_client_certificate_bound_access_tokens: true,
}
const api = {
  client_id: 'api',
  grant_types: [],
  token_endpoint_auth_method: 'client_secret_post',
  client_secret_hash: 'hash of s',
  introspection_audience: '*',
}

for (const access_token_format of ['jwt', 'opaque']) {
  describe(`a ${access_token_format} token bound to a certificate`, () => {
    test('P6: is inactive from the moment on at which the certificate is known to be revoked', async () => {
      const { ports, revoke } = withRevocation('hard', { ...acme, access_token_format })
      const token = await issued(ports)
      assert.equal(await state(ports, token), 'active')
      revoke(certificate)
      assert.equal(await state(ports, token), 'certificate_revoked')
    })

    test('is inactive for a process that has never seen the certificate itself', async () => {
      const { ports, revoke } = withRevocation('hard', { ...acme, access_token_format })
      const token = await issued(ports)
      const elsewhere = { ...ports, anchors: { find: () => restarted(ports) } }
      assert.equal(await state(elsewhere, token), 'active')
      revoke(certificate)
      assert.equal(await state(elsewhere, token), 'certificate_revoked')
    })

    test('P6: is inactive when its CA is no longer trusted, and when the certificate has expired', async () => {
      const { ports } = withRevocation('hard', { ...acme, access_token_format })
      const token = await issued(ports)
      const stranger = trustProfile('partners', [createTestAuthority({ intermediate: 'no' }).rootDer])
      assert.equal(await state({ ...ports, anchors: { find: () => stranger } }, token), 'certificate_untrusted')
      assert.equal(await state({ ...ports, anchors: { find: () => undefined } }, token), 'certificate_untrusted')
      ports.clock.advance(101)
      assert.equal(await state(ports, token), 'certificate_untrusted')
    })

    test('stays active while nobody can tell, and when nothing is kept about the certificate', async () => {
      const { ports, revoke, forget } = withRevocation('hard', { ...acme, access_token_format })
      const token = await issued(ports)
      forget()
      assert.equal(await state(ports, token), 'active')
      revoke(certificate)
      const unknowing = {
        ...ports,
        anchors: { find: () => restarted(ports) },
        boundCertificates: { remember: () => undefined, find: () => undefined },
      }
      assert.equal(await state(unknowing, token), 'active')
    })

    test('RFC8705-M10: is inactive when the certificate is taken out of the registration', async () => {
      const { ports } = withRevocation('hard', { ...pinned, access_token_format })
      const token = await issued(ports, 'pinned', selfSigned)
      assert.equal(await state(ports, token), 'active')
      const [, changed] = registered({ ...pinned, certificate_thumbprints: [certificate.thumbprint] }, [])
      const later = {
        ...ports,
        clients: { find: (id: string) => (id === 'pinned' ? changed : ports.clients.find(id)) },
      }
      assert.equal(await state(later, token), 'certificate_not_registered')
    })
  })
}

test('P6: the next request with a revoked certificate is refused', async () => {
  const { ports, revoke } = withRevocation('hard', acme)
  await issued(ports)
  revoke(certificate)
  const refused = await asked(ports)
  assert.equal(errorOf(refused), 'invalid_client')
  assert.equal(refused.status, 401)
  assert.equal(reasonOf(ports), 'certificate_revoked')
})

test('P7: hard refuses what nobody can tell', async () => {
  const { ports, forget } = withRevocation('hard', acme)
  forget()
  assert.equal(errorOf(await asked(ports)), 'invalid_client')
  assert.equal(reasonOf(ports), 'revocation_unknown')
})

test('P7: soft lets it in and writes each time down that it did', async () => {
  const { ports, forget } = withRevocation('soft', acme)
  await issued(ports)
  assert.deepEqual(
    ports.events.map(({ event }) => event),
    ['token_issued'],
  )
  forget()
  await issued(ports)
  await issued(ports)
  const accepted = ports.events.filter(({ event }) => event === 'unknown_revocation_accepted')
  assert.equal(accepted.length, 2)
  assert.deepEqual(accepted[0], {
    event: 'unknown_revocation_accepted',
    correlationId: accepted[0]?.correlationId,
    at: ports.clock.now(),
    clientId: 'acme',
    certificateThumbprint: certificate.thumbprint,
    trust: 'partners',
    certificates: [{ status: 'unknown', problems: ['no_information'] }],
    sources: [{ kind: 'crl', origin: 'partners.crl', problem: 'gone' }],
  })
})

test('a token is not issued when its certificate cannot be remembered', async () => {
  const { ports } = withRevocation('hard', acme)
  const remember = (): Promise<never> => Promise.reject(new Error('disk full'))
  const refused = await asked({ ...ports, boundCertificates: { ...ports.boundCertificates, remember } })
  assert.equal(refused.status, 503)
})

function withRevocation(mode: 'soft' | 'hard', client: object) {
  const ports = fakePorts({ clients: [client, api], trust: { partners: [authority.rootDer] } })
  let evidence: Awaited<ReturnType<RevocationPolicy['evidence']>> = { sources: [], crls: [list([])] }
  const revocation: RevocationPolicy = {
    mode,
    grace: 0,
    skipIfLifetimeBelow: 0,
    evidence: () => Promise.resolve(evidence),
    verdicts: new WeakMap(),
  }
  ports.profiles.set('partners', { ...ports.profiles.get('partners')!, revocation })
  return {
    ports,
    revoke: (revoked: TestCertificate) => void (evidence = { sources: [], crls: [list([revoked])] }),
    forget: () => void (evidence = { sources: [{ kind: 'crl', origin: 'partners.crl', problem: 'gone' }] }),
  }
}

/** The same profile with nothing found before. */
function restarted({ profiles }: FakePorts) {
  return { ...profiles.get('partners')!, paths: new Map() }
}

function list(revoked: readonly TestCertificate[]) {
  const { key: privateKey, subject: issuer } = authority.root
  const now = 1_767_225_600
  const entries = revoked.map(({ der }) => {
    const parsed = parseCertificate(der)
    assert.ok(parsed.ok)
    return { serialNumber: parsed.value.serialNumber, revokedAt: now }
  })
  const template = { thisUpdate: now - 10, nextUpdate: now + 1000, revoked: entries, number: 1 }
  const crl = parseCertificateRevocationList(issueCertificateList(template, { privateKey, issuer }))
  assert.ok(crl.ok)
  return crl.value
}

function asked(ports: FakePorts, client_id = 'acme', by: TestCertificate = certificate) {
  const form = { grant_type: 'client_credentials', client_id }
  return createTokenEndpoint(ports, settings)(request(form, { certificate: presented(by) }))
}

async function issued(ports: FakePorts, clientId?: string, by?: TestCertificate): Promise<string> {
  return tokenOf(await asked(ports, clientId, by))
}

async function state(ports: FakePorts, token: string): Promise<string | undefined> {
  const form = { client_id: 'api', client_secret: 's', token }
  const answer = await createIntrospectionEndpoint(ports, settings)(request(form))
  assert.equal(answer.status, 200, answer.body)
  const event = ports.events.at(-1)
  assert.equal(event?.event, 'token_introspected')
  return event.active ? 'active' : event.why
}
