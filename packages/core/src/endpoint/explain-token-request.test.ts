import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { explainTokenRequest } from './explain-token-request.ts'
import { fakePorts, ordinary, presented, request, settings, signedJwt } from './fake-ports.test.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const authority = createTestAuthority()
const acme = authority.issue({ san: { dns: ['acme.example'] } })
const other = authority.issue({ san: { dns: ['other.example'] } })
const tls = {
  ...ordinary,
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
}
const form = { grant_type: 'client_credentials', client_id: 'acme' }
const trust = { partners: [authority.rootDer] }

describe('explainTokenRequest', () => {
  test('names every step of an issue, and leaves nothing behind', async () => {
    const ports = fakePorts({ clients: [tls], trust })
    const { steps, outcome } = await explainTokenRequest(
      request(form, { certificate: presented(acme) }),
      ports,
      settings,
    )
    assert.deepEqual(
      steps.map(({ step, outcome }) => `${step} ${outcome}`),
      [
        'credentials passed',
        'client passed',
        'method passed',
        'certificate passed',
        'trust passed',
        'subject passed',
        'grant_type passed',
        'grant passed',
        'binding passed',
      ],
    )
    assert.deepEqual(steps.find(({ step }) => step === 'subject')?.facts, {
      certificate: acme.thumbprint,
      expected: { kind: 'san_dns', value: 'acme.example' },
      recognizedBy: { kind: 'san_dns', value: 'acme.example' },
    })
    assert.ok(outcome.kind === 'issue')
    assert.deepEqual(outcome.claims.cnf, { 'x5t#S256': acme.thumbprint })
    assert.deepEqual(ports.events, [])
  })

  test('of a further grant it tells all that is decided before it, and uses nothing up', async () => {
    const ports = fakePorts({ clients: [{ ...tls, grant_types: ['authorization_code'] }], trust })
    const asked = { grant_type: 'authorization_code', client_id: 'acme', code: 'x' }
    const explained = await explainTokenRequest(request(asked, { certificate: presented(acme) }), ports, settings)
    assert.deepEqual(explained.outcome, { kind: 'depends_on_grant', grantType: 'authorization_code' })
    assert.deepEqual(explained.steps.at(-1), {
      step: 'binding',
      outcome: 'passed',
      facts: { binding: 'required', confirmation: { 'x5t#S256': acme.thumbprint } },
    })
    const refused = await explainTokenRequest(request(asked), ports, settings)
    assert.equal(refused.outcome.kind, 'refuse')
    assert.deepEqual(ports.events, [])
  })

  test('ends with the step that refused, its facts, and what the peer would be told', async () => {
    const ports = fakePorts({ clients: [tls], trust })
    const { steps, outcome } = await explainTokenRequest(
      request(form, { certificate: presented(other) }),
      ports,
      settings,
    )
    assert.deepEqual(steps.at(-1), {
      step: 'subject',
      outcome: 'refused',
      facts: {
        reason: 'certificate_subject_mismatch',
        expected: { kind: 'san_dns', value: 'acme.example' },
        presented: ['other.example'],
      },
    })
    assert.ok(outcome.kind === 'refuse')
    assert.equal(outcome.answer.status, 401)
  })

  test('each refusal is put at its step', async () => {
    const ports = fakePorts({ clients: [tls], trust })
    const stranger = createTestAuthority().issue({ san: { dns: ['acme.example'] } })
    const cases = [
      [request({}), 'credentials'],
      [request({ ...form, client_id: 'nobody' }), 'client'],
      [request({ client_id: 'acme' }, { authorization: 'Basic YWNtZTp4' }), 'method'],
      [request(form), 'certificate'],
      [request(form, { certificateRefusal: { reason: 'x' } }), 'certificate'],
      [request(form, { certificate: presented(stranger) }), 'trust'],
      [request({ ...form, grant_type: 'x' }, { certificate: presented(acme) }), 'grant_type'],
      [request({ ...form, scope: 'x' }, { certificate: presented(acme) }), 'grant'],
      [{ form: { ok: false, failure: { reason: 'resource_repeated' } }, role: 'mtls' } as const, 'request'],
    ] as const
    for (const [asked, step] of cases) {
      const { steps } = await explainTokenRequest(asked, ports, settings)
      assert.equal(steps.at(-1)?.step, step)
      assert.equal(steps.at(-1)?.outcome, 'refused')
      assert.equal(steps.filter(({ outcome }) => outcome === 'refused').length, 1)
    }
  })

  test('an assertion is not used up by an explanation', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwks = { keys: [createPublicKey(privateKey).export({ format: 'jwk' })] }
    const ports = fakePorts({ clients: [{ ...ordinary, token_endpoint_auth_method: 'private_key_jwt', jwks }] })
    const claims = { iss: 'acme', sub: 'acme', aud: settings.issuer, exp: ports.clock.now() + 60, jti: 'j1' }
    const asked = request({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signedJwt({ alg: 'ES256' }, claims, privateKey),
    })
    const { steps } = await explainTokenRequest(asked, ports, settings)
    assert.equal(steps.find(({ step }) => step === 'assertion_use')?.outcome, 'skipped')
    assert.equal((await createTokenEndpoint(ports, settings)(asked)).status, 200)
    assert.equal((await createTokenEndpoint(ports, settings)(asked)).status, 401)
  })
})
