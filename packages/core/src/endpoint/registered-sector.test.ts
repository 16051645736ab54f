import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok, type Result } from '@holdfast/x509'
import { inMemoryClientRegistrationStore } from '@holdfast/testkit'
import { createClientRegistrationEndpoint } from './client-registration-endpoint.ts'
import { fakePorts, settings, thumbprintOf } from './fake-ports.test.ts'

const uri = 'https://sector.example/uris.json'
const client = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: ['https://one.example/cb', 'https://two.example/cb'],
  subject_type: 'pairwise',
  sector_identifier_uri: uri,
}

async function registered(
  fetch: ((uri: string) => Result<unknown, { readonly problem: string }>) | undefined,
): Promise<{ readonly status: number; readonly error: unknown }> {
  const ports = {
    ...fakePorts({ clients: [] }),
    registrations: inMemoryClientRegistrationStore(),
    hashSecret: (secret: string) => secret,
    authorizations: { revokeClient: () => Promise.resolve(0) },
    ...(fetch === undefined ? {} : { sectorDocuments: { fetch } }),
  }
  const register = createClientRegistrationEndpoint(ports, {
    policy: {
      initialAccessTokens: undefined,
      certificateTrust: undefined,
      softwareStatements: undefined,
      scope: [],
      grantTypes: ['authorization_code'],
      authenticationMethods: ['none'],
      trust: undefined,
      resource: [],
      rules: 'none',
      binding: 'as_registered',
    },
    rules: {
      authenticationMethods: settings.authenticationMethods,
      grantTypes: ['authorization_code'],
      trust: [],
      unknownMembers: 'ignore',
      thumbprint: thumbprintOf,
      authorization: {
        responseTypes: ['code'],
        signingAlgorithms: ['ES256'],
        requestAlgorithms: ['ES256'],
        authorizationDetailsTypes: [],
        pairwiseSubjects: 'offered',
      },
    },
    registrationEndpoint: { main: 'https://login.example/register', mtls: 'https://mtls.login.example/register' },
  })
  const answer = await register({ document: ok(JSON.stringify(client)), role: 'main' })
  return { status: answer.status, error: (JSON.parse(answer.body) as { readonly error?: unknown }).error }
}

test('OPENID-CORE-M9 a stranger is of a sector when its document names all his redirect URIs', async () => {
  const asked: string[] = []
  const answer = await registered((address) => {
    asked.push(address)
    return ok(client.redirect_uris)
  })
  assert.equal(answer.status, 201)
  assert.deepEqual(asked, [uri])
})

test('OPENID-CORE-M9 else he is refused: another’s sector, no document, or nobody who could fetch it', async () => {
  assert.deepEqual(await registered(() => ok(['https://one.example/cb'])), {
    status: 400,
    error: 'invalid_redirect_uri',
  })
  const refused = { status: 400, error: 'invalid_client_metadata' }
  assert.deepEqual(await registered(() => fail({ problem: 'the address 10.0.0.1 is not public' })), refused)
  assert.deepEqual(await registered(() => ok('nonsense')), refused)
  assert.deepEqual(await registered(undefined), refused)
})
