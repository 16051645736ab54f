import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, suite, test } from 'node:test'
import type { TLSSocket } from 'node:tls'

import { createTestAuthority, fixedClock } from '@holdfast/testkit'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'

import { GuardError, createGuard } from './index.ts'
import type { Decision, GuardOptions, RequestFacts } from './index.ts'

const now = 1_800_000_000
const thumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const audience = 'https://api.example'
const authority = createTestAuthority()
const api = authority.issue({ commonName: 'api' })
const oldKey = await generateKeyPair('ES256')
const newKey = await generateKeyPair('ES256')
const oldJwk = { ...(await exportJWK(oldKey.publicKey)), kid: 'old' }
const newJwk = { ...(await exportJWK(newKey.publicKey)), kid: 'new' }

let people: Server
let mtls: Server
let issuer: string
let seen: {
  host: string
  path: string
  commonName: string | undefined
  authorization: string | undefined
  body: string
}[]
let documents: Record<string, unknown>
let introspection: (token: string | null) => object

before(async () => {
  const { keyPem: key, chainPem: cert } = authority.issueServer(['localhost', 'mtls.localhost'])
  const listener = (request: IncomingMessage, response: ServerResponse): void => void serve(request, response)
  people = createServer({ key, cert }, listener)
  mtls = createServer({ key, cert, requestCert: true, rejectUnauthorized: false }, listener)
  for (const server of [people, mtls]) await once(server.listen(0, '127.0.0.1'), 'listening')
  issuer = `https://localhost:${(people.address() as AddressInfo).port}`
})

after(() => {
  for (const server of [people, mtls]) {
    server.close()
    server.closeAllConnections()
  }
})

beforeEach(() => {
  seen = []
  const metadata = {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    introspection_endpoint: `${issuer}/introspect`,
    mtls_endpoint_aliases: {
      introspection_endpoint: `https://mtls.localhost:${(mtls.address() as AddressInfo).port}/introspect`,
    },
  }
  documents = { '/.well-known/oauth-authorization-server': metadata, '/jwks': { keys: [oldJwk] } }
  introspection = (token) =>
    token === 'known'
      ? {
          active: true,
          iss: issuer,
          aud: audience,
          exp: now + 300,
          client_id: 'acme',
          scope: 'read',
          cnf: { 'x5t#S256': thumbprint },
        }
      : { active: false }
})

suite('keys of the issuer', () => {
  test('are found through the metadata when the first token comes, and fetched once', async () => {
    const subject = guard()
    assert.deepEqual(seen, [])
    const token = await signed('old')
    const decisions = await Promise.all([
      subject.check(facts(token)),
      subject.check(facts(token)),
      subject.check(facts(token)),
    ])
    assert.deepEqual(decisions.map(reasonOf), ['granted', 'granted', 'granted'])
    assert.deepEqual(paths(), ['/.well-known/oauth-authorization-server', '/jwks'])
  })

  test('where RFC 8414 finds nothing the OpenID address is asked; another issuer is refused with 503', async () => {
    documents['/.well-known/openid-configuration'] = documents['/.well-known/oauth-authorization-server']
    delete documents['/.well-known/oauth-authorization-server']
    assert.equal(reasonOf(await guard().check(facts(await signed('old')))), 'granted')
    documents['/.well-known/openid-configuration'] = { issuer: `${issuer}/other`, jwks_uri: `${issuer}/jwks` }
    const decision = await guard().check(facts(await signed('old')))
    assert.ok(!decision.granted)
    assert.deepEqual([decision.refusal.failure.reason, decision.answer.status], ['token_keys_unavailable', 503])
    assert.equal(decision.answer.headers['www-authenticate'], undefined)
  })

  test('a new key is fetched when a token names it, at most every half minute', async () => {
    const clock = fixedClock(now)
    const subject = guard({ clock })
    await subject.check(facts(await signed('old')))
    documents['/jwks'] = { keys: [oldJwk, newJwk] }
    assert.equal(reasonOf(await subject.check(facts(await signed('new')))), 'token_key_unknown')
    clock.advance(30)
    assert.equal(reasonOf(await subject.check(facts(await signed('new')))), 'granted')
    assert.equal(paths().filter((path) => path === '/jwks').length, 2)
  })

  test('a token that is known is dropped when its key is withdrawn', async () => {
    const clock = fixedClock(now)
    const subject = guard({ clock })
    const token = await signed('old')
    for (let time = 0; time < 3; time += 1) assert.equal(reasonOf(await subject.check(facts(token))), 'granted')
    documents['/jwks'] = { keys: [newJwk] }
    clock.advance(60)
    assert.equal(reasonOf(await subject.check(facts(await signed('new')))), 'granted')
    assert.equal(reasonOf(await subject.check(facts(token))), 'token_key_unknown')
  })

  test('a token that is known stays when its key is published again', async () => {
    const clock = fixedClock(now)
    const subject = guard({ clock })
    const token = await signed('old')
    for (let time = 0; time < 3; time += 1) await subject.check(facts(token))
    documents['/jwks'] = { keys: [newJwk, oldJwk] }
    clock.advance(60)
    await subject.check(facts(await signed('new')))
    const decision = subject.check(facts(token))
    assert.ok(!(decision instanceof Promise) && decision.granted)
  })

  test('when the keys are too old and the issuer is away, not even a known token passes', async () => {
    const clock = fixedClock(now)
    const subject = guard({ clock })
    const token = await signed('old', { exp: now + 100_000 })
    for (let time = 0; time < 3; time += 1) await subject.check(facts(token))
    documents = {}
    clock.advance(600 + 3600)
    const decision = await subject.check(facts(token))
    assert.equal(reasonOf(decision), 'token_keys_unavailable')
  })

  test('prepare says at start that the issuer is not to be had', async () => {
    await guard().prepare()
    await assert.rejects(guard({ issuer: 'https://localhost:1' }).prepare(), (error) => {
      assert.ok(error instanceof GuardError)
      assert.equal(error.code, 'token_keys_unavailable')
      return true
    })
  })
})

suite('opaque tokens', () => {
  const byCertificate = {
    tokens: 'opaque',
    introspection: { clientId: 'api', certificate: { cert: api.chainPem, key: api.keyPem } },
  } as const
  const bySecret = { tokens: 'opaque', introspection: { clientId: 'a:pi', clientSecret: 's%' } } as const

  test('RFC8705-M17 cnf at the top level of the answer is compared with the certificate', async () => {
    const subject = guard(byCertificate)
    assert.equal(reasonOf(await subject.check(facts('known'))), 'granted')
    assert.equal(reasonOf(await subject.check(facts('known', 'another'))), 'token_certificate_mismatch')
    assert.equal(
      reasonOf(await subject.check({ authorization: 'Bearer known', certificateThumbprint: undefined })),
      'token_certificate_missing',
    )
    assert.equal(reasonOf(await subject.check(facts('stranger'))), 'token_inactive')
  })

  test('RFC8705-M21 an API with a certificate asks at the alias and says who it is in the form', async () => {
    await guard(byCertificate).check(facts('known'))
    const asked = seen.find(({ path }) => path === '/introspect')
    assert.deepEqual(
      [asked?.host, asked?.commonName, asked?.authorization],
      [`mtls.localhost:${(mtls.address() as AddressInfo).port}`, 'api', undefined],
    )
    assert.equal(asked?.body, 'token=known&token_type_hint=access_token&client_id=api')
  })

  test('an API with a secret asks at the top level, in the Authorization header', async () => {
    await guard(bySecret).check(facts('known'))
    const asked = seen.find(({ path }) => path === '/introspect')
    assert.equal(asked?.host, new URL(issuer).host)
    assert.equal(Buffer.from(asked?.authorization?.slice(6) ?? '', 'base64').toString(), 'a%3Api:s%25')
    assert.equal(asked?.body, 'token=known&token_type_hint=access_token')
  })

  test('every request asks again, so that a revoked token is dead at once', async () => {
    const subject = guard(byCertificate)
    assert.equal(reasonOf(await subject.check(facts('known'))), 'granted')
    introspection = () => ({ active: false })
    assert.equal(reasonOf(await subject.check(facts('known'))), 'token_inactive')
  })

  test('with cacheSeconds it is asked again after that time, and certificate and expiry are checked in between', async () => {
    const clock = fixedClock(now)
    const subject = guard({
      ...byCertificate,
      clock,
      introspection: { ...byCertificate.introspection, cacheSeconds: 30 },
    })
    await subject.check(facts('known'))
    introspection = () => ({ active: false })
    clock.advance(29)
    assert.equal(reasonOf(await subject.check(facts('known'))), 'granted')
    assert.equal(reasonOf(await subject.check(facts('known', 'another'))), 'token_certificate_mismatch')
    clock.advance(1)
    assert.equal(reasonOf(await subject.check(facts('known'))), 'token_inactive')
  })

  test('for another audience, or without one, it is refused', async () => {
    const rest = { ...introspection('known'), aud: undefined }
    introspection = () => rest
    assert.equal(reasonOf(await guard(byCertificate).check(facts('known'))), 'token_claim_missing')
    introspection = () => ({ ...rest, aud: 'https://other.example' })
    assert.equal(reasonOf(await guard(byCertificate).check(facts('known'))), 'token_audience_mismatch')
  })

  test('an authorization server that is away is a 503, never a pass', async () => {
    introspection = () => {
      throw new Error('broken')
    }
    const decision = await guard(byCertificate).check(facts('known'))
    assert.ok(!decision.granted)
    assert.deepEqual([decision.refusal.failure.reason, decision.answer.status], ['store_unavailable', 503])
  })

  test('jwt_or_opaque: a JWT is verified here, only the others are asked about', async () => {
    const subject = guard({ ...byCertificate, tokens: 'jwt_or_opaque' })
    assert.equal(reasonOf(await subject.check(facts(await signed('old')))), 'granted')
    assert.equal(paths().includes('/introspect'), false)
    assert.equal(reasonOf(await subject.check(facts('known'))), 'granted')
    assert.equal(paths().includes('/introspect'), true)
  })
})

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? ''
  const certificate = (request.socket as TLSSocket).getPeerX509Certificate()
  const body = await text(request)
  const { host = '', authorization } = request.headers
  seen.push({ host, path, commonName: certificate?.subject.replace('CN=', ''), authorization, body })
  try {
    const document = path === '/introspect' ? introspection(new URLSearchParams(body).get('token')) : documents[path]
    response.writeHead(document === undefined ? 404 : 200).end(JSON.stringify(document))
  } catch {
    response.writeHead(500).end()
  }
}

function paths(): string[] {
  return seen.map(({ path }) => path)
}

function guard(options: Partial<GuardOptions> = {}) {
  return createGuard({
    issuer,
    audience,
    certificate: { from: 'tls' },
    ca: authority.rootPem,
    clock: fixedClock(now),
    ...options,
  })
}

function facts(token: string, certificateThumbprint = thumbprint): RequestFacts {
  return { authorization: `Bearer ${token}`, certificateThumbprint }
}

function reasonOf(decision: Decision): string {
  return decision.granted ? 'granted' : decision.refusal.failure.reason
}

function signed(kid: 'old' | 'new', claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({
    iss: issuer,
    aud: audience,
    exp: now + 3000,
    client_id: 'acme',
    cnf: { 'x5t#S256': thumbprint },
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
    .sign(kid === 'old' ? oldKey.privateKey : newKey.privateKey)
}
