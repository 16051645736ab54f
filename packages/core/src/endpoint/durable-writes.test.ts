import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import { answered, assertion, authorizationFakes, pageOf, session, usual } from './authorization-fake-ports.test.ts'
import { codeOf, delegatedFakePorts, redemption, tokenEndpoint } from './delegated-fake-ports.test.ts'
import { presented, request } from './fake-ports.test.ts'

/** Each write is a commit, and each commit waits for the disk: what one request does is done in one. */

const authority = createTestAuthority()
const certificate = presented(authority.issue({ san: { dns: ['acme.example'] } }))
const phone = presented(createSelfSignedCertificate({ commonName: 'phone' }))
const common = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid orders:read' }
const acme = {
  ...common,
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
}
const clients = [
  acme,
  { ...acme, client_id: 'opaque', access_token_format: 'opaque' },
  { ...common, client_id: 'phone', token_endpoint_auth_method: 'none', binding: 'if_present' },
]

for (const [clientId, by, refreshed] of [
  ['acme', certificate, 'authorizations.issue'],
  ['opaque', certificate, 'authorizations.issue'],
  ['phone', phone, 'refreshTokens.rotate'],
] as const) {
  test(`the redemption of a code is one write, and so is a refresh: ${clientId}`, async () => {
    const fakes = delegatedFakePorts({ clients, trust: { partners: [authority.rootDer] } })
    const { code } = await codeOf(fakes, clientId)
    const { authorizations, authorizationCodes, refreshTokens, accessTokens } = fakes
    const { writes, counted } = counting({ authorizations, authorizationCodes, refreshTokens, accessTokens })
    const token = tokenEndpoint({ ...fakes, ...counted })
    const redeemed = await token(request(redemption(clientId, code), { certificate: by }))
    assert.equal(redeemed.status, 200, redeemed.body)
    assert.deepEqual(writes.splice(0), ['authorizationCodes.redeem'])
    const { refresh_token } = JSON.parse(redeemed.body) as { readonly refresh_token: string }
    const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token }
    const again = await token(request(form, { certificate: by }))
    assert.equal(again.status, 200, again.body)
    assert.deepEqual(writes, [refreshed])
  })
}

test('an authorization that takes no page is one write, its pushed request among it; after a page it is one more', async () => {
  const fakes = authorizationFakes({ consent: 'never' })
  const { authorizations } = fakes.stores
  const { pushedRequests, interactions } = fakes
  const writes: string[] = []
  for (const [name, store] of Object.entries({ authorizations, pushedRequests, interactions })) {
    Object.assign(store, counting({ [name]: store }, writes).counted[name])
  }
  const alice = session(fakes)
  const pushed = await fakes.par(request({ ...usual, ...assertion(fakes) }))
  assert.deepEqual(writes.splice(0), ['pushedRequests.keep'])
  const { request_uri } = JSON.parse(pushed.body) as { readonly request_uri: string }
  answered(await fakes.begin({ client_id: 'acme', request_uri }, alice))
  // In memory it is `give` that calls `take`.
  assert.deepEqual(writes.splice(0), ['authorizations.give', 'pushedRequests.take'])
  const login = pageOf(await fakes.begin(usual), 'login')
  assert.deepEqual(writes.splice(0), ['interactions.keep'])
  answered(await fakes.endpoint.resume(login, session(fakes, 0), { kind: 'logged_in' }, 'r'))
  assert.deepEqual(writes, ['authorizations.give', 'interactions.take'])
})

/** The stores, and which of their calls changed something. */
function counting<Stores extends Readonly<Record<string, object>>>(
  stores: Stores,
  writes: string[] = [],
): { readonly writes: string[]; readonly counted: Stores } {
  const counted = Object.entries(stores).map(([name, store]) => [
    name,
    Object.fromEntries(
      Object.entries(store).map(([verb, method]: [string, (...values: never) => unknown]) => [
        verb,
        (...values: never) => {
          if (!reads.has(verb)) writes.push(`${name}.${verb}`)
          return method(...values)
        },
      ]),
    ),
  ])
  return { writes, counted: Object.fromEntries(counted) as Stores }
}

const reads: ReadonlySet<string> = new Set(['find', 'ofSubject'])
