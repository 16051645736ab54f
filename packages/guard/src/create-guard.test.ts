import assert from 'node:assert/strict'
import { suite, test } from 'node:test'

import { fixedClock } from '@holdfast/testkit'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import type { JWTPayload } from 'jose'

import { GuardError, createGuard } from './index.ts'
import type { Decision, GuardOptions, Refusal, RequestFacts } from './index.ts'

const now = 1_800_000_000
const issuer = 'https://as.example'
const audience = 'https://api.example'
const ours = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const thiefs = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2'

const es256 = await generateKeyPair('ES256')
const stranger = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(es256.publicKey)), kid: 'k1', alg: 'ES256' }] }

const claims = {
  iss: issuer,
  aud: audience,
  sub: 'acme',
  client_id: 'acme',
  jti: 'j1',
  scope: 'read write',
  cnf: { 'x5t#S256': ours },
}
const token = await signed({})

suite('what passes', () => {
  test('RFC8705-M13 a token in the hands of its holder', async () => {
    const decision = await guard().check(facts(token))
    assert.ok(decision.granted)
    assert.equal(decision.access.boundTo, ours)
    assert.equal(decision.access.token.clientId, 'acme')
    assert.deepEqual(decision.access.token.scope, ['read', 'write'])
  })

  for (const scheme of ['bearer', 'BEARER', 'Bearer', 'bEaReR']) {
    test(`scheme ${scheme}`, async () => {
      assert.equal((await guard().check({ ...facts(token), authorization: `${scheme} ${token}` })).granted, true)
    })
  }

  for (const algorithm of ['EdDSA', 'PS256', 'RS256'] as const) {
    test(`a token signed with ${algorithm}`, async () => {
      const pair = await generateKeyPair(algorithm, { extractable: true })
      const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] }
      const other = await signed({}, { key: pair.privateKey, alg: algorithm })
      assert.equal((await guard({ keys: { jwks: keys } }).check(facts(other))).granted, true)
      const [header, payload, signature = ''] = other.split('.')
      const bent = Buffer.from(signature, 'base64url')
      bent[10]! ^= 4
      const forged = `${header}.${payload}.${bent.toString('base64url')}`
      assert.equal(reasonOf(await guard({ keys: { jwks: keys } }).check(facts(forged))), 'token_signature_invalid')
    })
  }

  test('a token that is not bound, where the guard takes such tokens; a bound one is still checked there', async () => {
    const lenient = guard({ binding: 'if_bound' })
    assert.equal((await lenient.check(facts(await signed({ cnf: undefined }), undefined))).granted, true)
    assert.equal(reasonOf(await lenient.check(facts(token, thiefs))), 'token_certificate_mismatch')
    assert.equal(reasonOf(await lenient.check(facts(token, undefined))), 'token_certificate_missing')
  })
})

suite('a guard that only reports', () => {
  const reporting = (told: Refusal[]): Partial<GuardOptions> => ({
    binding: 'dangerously_report_only',
    onWouldRefuse: (refusal) => told.push(refusal),
  })

  test('a token passes without binding, without its certificate and with another, and each is told', async () => {
    const told: Refusal[] = []
    const one = guard(reporting(told))
    for (const asked of [
      facts(token),
      facts(token, undefined),
      facts(token, thiefs),
      facts(await signed({ cnf: undefined }), undefined),
    ]) {
      for (const _ of ['learned', 'remembered']) assert.equal((await one.check(asked)).granted, true)
    }
    assert.deepEqual(
      told.map(({ status, failure }) => `${status} ${failure.reason}`),
      ['token_certificate_missing', 'token_certificate_mismatch', 'token_not_bound'].flatMap((reason) => [
        `401 ${reason}`,
        `401 ${reason}`,
      ]),
    )
    const mismatch = await one.check(facts(token, thiefs))
    assert.ok(mismatch.granted)
    assert.deepEqual(mismatch.access.wouldRefuse, {
      reason: 'token_certificate_mismatch',
      expected: ours,
      presented: thiefs,
    })
    assert.equal(mismatch.access.boundTo, undefined)
  })

  test('everything else is refused as ever', async () => {
    const told: Refusal[] = []
    const one = guard({ ...reporting(told), isRevoked: ({ jti }) => jti === 'gone' })
    for (const [reason, asked] of [
      ['token_missing', { ...facts(token), authorization: undefined }],
      ['token_signature_invalid', facts(await signed({}, { key: stranger.privateKey }), undefined)],
      ['token_expired', facts(await signed({ exp: now - 10 }), undefined)],
      ['token_audience_mismatch', facts(await signed({ aud: 'https://other.example' }), undefined)],
      ['token_claim_malformed', facts(await signed({ cnf: { 'x5t#S256': `${ours}=` } }), undefined)],
      ['certificate_source_refused', { ...facts(token), certificateRefusal: { reason: 'x' } as never }],
    ] as const) {
      assert.equal(reasonOf(await one.check(asked)), reason)
    }
    assert.deepEqual(told, [])
    assert.equal(reasonOf(await one.check(facts(await signed({ jti: 'gone' }), undefined))), 'token_revoked')
    assert.equal(reasonOf(await one.requiring('admin').check(facts(token, undefined))), 'scope_insufficient')
  })

  test('it is not possible by accident: another spelling, or nobody who is told, is a wrong option', () => {
    for (const wrong of [
      { binding: 'dangerously_report_only' },
      { binding: 'report_only', onWouldRefuse: () => undefined },
    ]) {
      assert.throws(() => guard(wrong as never), /guard options: binding/)
    }
  })
})

suite('what is refused', () => {
  const cases: readonly [string, string, () => Promise<RequestFacts>, Partial<GuardOptions>?][] = [
    ['RFC8705-M13 another certificate', 'token_certificate_mismatch', async () => facts(token, thiefs)],
    ['RFC8705-M13 no certificate', 'token_certificate_missing', async () => facts(token, undefined)],
    [
      'RFC8705-M16 a thumbprint with padding',
      'token_claim_malformed',
      async () => facts(await signed({ cnf: { 'x5t#S256': `${ours}=` } })),
    ],
    ['a token that is not bound', 'token_not_bound', async () => facts(await signed({ cnf: undefined }))],
    [
      'a token that is bound to a DPoP key',
      'token_proof_missing',
      async () => facts(await signed({ cnf: { jkt: 'x'.repeat(43) } })),
    ],
    ['an expired token', 'token_expired', async () => facts(await signed({ exp: now - 10 }))],
    ['a token of tomorrow', 'token_not_yet_valid', async () => facts(await signed({ nbf: now + 11 }))],
    ['another issuer', 'token_issuer_mismatch', async () => facts(await signed({ iss: 'https://evil.example' }))],
    [
      'another audience',
      'token_audience_mismatch',
      async () => facts(await signed({ aud: ['https://other.example'] })),
    ],
    ['an ID token', 'token_type_mismatch', async () => facts(await signed({}, { typ: 'JWT' }))],
    ['a stranger’s key', 'token_signature_invalid', async () => facts(await signed({}, { key: stranger.privateKey }))],
    ['a key that is not published', 'token_key_unknown', async () => facts(await signed({}, { kid: 'k2' }))],
    [
      'an algorithm that is not on the list',
      'token_algorithm_not_allowed',
      async () => facts(token),
      { algorithms: ['EdDSA'] },
    ],
    [
      'alg none',
      'token_algorithm_not_allowed',
      async () => facts(withHeader({ alg: 'none', kid: 'k1', typ: 'at+jwt' })),
    ],
    [
      'an extension marked critical',
      'token_header_critical',
      async () => facts(withHeader({ alg: 'ES256', kid: 'k1', crit: ['b64'] })),
    ],
    ['no token', 'token_missing', async () => ({ ...facts(token), authorization: undefined })],
    ['another scheme', 'token_missing', async () => ({ ...facts(token), authorization: 'Basic YTpi' })],
    [
      'two Authorization lines',
      'authorization_header_malformed',
      async () => ({ ...facts(token), authorization: [`Bearer ${token}`, `Bearer ${token}`] }),
    ],
    ['a header that is no token', 'authorization_header_malformed', async () => facts('a b')],
    ['a token longer than any', 'token_too_long', async () => facts('a'.repeat(20_000))],
    ['too little scope', 'scope_insufficient', async () => facts(token), { scope: ['read', 'admin'] }],
    [
      'a certificate header that was not believed',
      'certificate_source_refused',
      async () => ({ ...facts(token), certificateRefusal: { reason: 'proxy_proof_missing' } }),
    ],
  ]
  for (const [what, reason, request, options] of cases) {
    test(`${what}: ${reason}`, async () => {
      const refusals: Refusal[] = []
      const subject = guard({ ...options, onRefusal: (refusal) => refusals.push(refusal) })
      const decision = await subject.check(await request())
      assert.equal(reasonOf(decision), reason)
      assert.ok(!decision.granted)
      assert.deepEqual(refusals, [decision.refusal])
      assert.ok(decision.answer.body.includes(decision.refusal.correlationId))
      assert.ok(!JSON.stringify(refusals).includes(token.slice(-40)), 'no token in what the operator logs')
    })
  }

  const embedded = { jwk: jwks.keys[0], kid: 'k1', typ: 'at+jwt' }
  test('a key that comes inside the token is not looked at', async () => {
    const jwk = await exportJWK(stranger.publicKey)
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ ...embedded, alg: 'ES256', jwk })
      .setExpirationTime(now + 60)
      .sign(stranger.privateKey)
    assert.equal(reasonOf(await guard().check(facts(forged))), 'token_signature_invalid')
  })
})

suite('what the peer is told', () => {
  const challenges: readonly [string, number, RegExp, () => Promise<RequestFacts>, Partial<GuardOptions>?][] = [
    [
      'no token: a challenge without error',
      401,
      /^Bearer$/,
      async () => ({ ...facts(token), authorization: undefined }),
    ],
    [
      'no token, with realm and metadata',
      401,
      /^Bearer realm="api", resource_metadata="https:\/\/api\.example\/m"$/,
      async () => ({ ...facts(token), authorization: undefined }),
      { realm: 'api', resourceMetadata: 'https://api.example/m' },
    ],
    [
      'another certificate',
      401,
      /^Bearer error="invalid_token", error_description="[^"]+"$/,
      async () => facts(token, thiefs),
    ],
    [
      'too little scope',
      403,
      /^Bearer error="insufficient_scope", error_description="[^"]+", scope="read admin"$/,
      async () => facts(token),
      { scope: 'read admin' },
    ],
    [
      'two lines',
      400,
      /^Bearer error="invalid_request"/,
      async () => ({ ...facts(token), authorization: ['Bearer a', 'Bearer b'] }),
    ],
  ]
  for (const [what, status, challenge, request, options] of challenges) {
    test(`${what}: ${status}`, async () => {
      const decision = await guard(options).check(await request())
      assert.ok(!decision.granted)
      assert.equal(decision.answer.status, status)
      assert.match(decision.answer.headers['www-authenticate'] ?? '', challenge)
      assert.equal(decision.answer.headers['cache-control'], 'no-store')
    })
  }
})

suite('the memory of verified tokens', () => {
  test('a known token is decided at once, and every check is made again', async () => {
    const clock = fixedClock(now)
    let revoked = false
    const subject = guard({ clock, isRevoked: () => revoked })
    for (let time = 0; time < 3; time += 1) assert.equal((await subject.check(facts(token))).granted, true)
    assert.ok(!(subject.check(facts(token)) instanceof Promise))

    assert.equal(reasonOf(await subject.check(facts(token, thiefs))), 'token_certificate_mismatch')
    assert.equal(reasonOf(await subject.check(facts(token, undefined))), 'token_certificate_missing')
    assert.equal(
      reasonOf(await subject.check({ ...facts(token), certificateRefusal: { reason: 'x' } })),
      'certificate_source_refused',
    )
    assert.equal(reasonOf(await subject.requiring('admin').check(facts(token))), 'scope_insufficient')
    revoked = true
    assert.equal(reasonOf(await subject.check(facts(token))), 'token_revoked')
    revoked = false
    assert.equal((await subject.check(facts(token))).granted, true)
    clock.advance(309)
    assert.equal((await subject.check(facts(token))).granted, true)
    clock.advance(1)
    assert.equal(reasonOf(await subject.check(facts(token))), 'token_expired')
  })

  test('a token that is not valid yet is not let through by being known', async () => {
    const clock = fixedClock(now)
    const early = await signed({ nbf: now + 5 })
    const subject = guard({ clock })
    for (let time = 0; time < 3; time += 1) assert.equal((await subject.check(facts(early))).granted, true)
    clock.advance(-10)
    assert.equal(reasonOf(await subject.check(facts(early))), 'token_not_yet_valid')
  })

  test('a token that differs in one character of its signature is not known', async () => {
    const subject = guard()
    for (let time = 0; time < 3; time += 1) await subject.check(facts(token))
    const last = token.at(-2) === 'A' ? 'B' : 'A'
    const forged = token.slice(0, -2) + last + token.slice(-1)
    assert.equal(reasonOf(await subject.check(facts(forged))), 'token_signature_invalid')
  })

  test('what one handler does to the claims, another does not see', async () => {
    const subject = guard()
    const first = await subject.check(facts(token))
    assert.ok(first.granted)
    assert.throws(() => Object.assign(first.access.token.claims, { sub: 'admin' }), TypeError)
    assert.throws(() => ((first.access.token.claims['cnf'] as Record<string, string>)['x5t#S256'] = thiefs), TypeError)
    assert.throws(() => (first.access.token.scope as string[]).push('admin'), TypeError)
    assert.throws(() => Object.assign(first.access.token, { clientId: 'admin' }), TypeError)
    assert.equal(reasonOf(await subject.requiring('admin').check(facts(token))), 'scope_insufficient')
  })

  test('revocation that cannot be asked refuses with 503', async () => {
    for (const isRevoked of [
      () => Promise.reject(new Error('away')),
      () => {
        throw new Error('away')
      },
    ]) {
      const decision = await guard({ isRevoked }).check(facts(token))
      assert.ok(!decision.granted)
      assert.deepEqual([decision.refusal.failure.reason, decision.answer.status], ['store_unavailable', 503])
    }
    assert.equal(reasonOf(await guard({ isRevoked: () => Promise.resolve(true) }).check(facts(token))), 'token_revoked')
  })
})

suite('for code of one’s own', () => {
  test('authorize returns what passes and throws what does not, with code, status and the answer', async () => {
    assert.equal((await guard().authorize(facts(token))).token.clientId, 'acme')
    await assert.rejects(guard().authorize(facts(token, thiefs)), (error) => {
      assert.ok(error instanceof GuardError)
      assert.equal(error.code, 'token_certificate_mismatch')
      assert.deepEqual(error.facts, { expected: ours, presented: thiefs })
      assert.deepEqual([error.status, error.answer.status], [401, 401])
      return true
    })
  })

  test('a fault in the hook refuses nonetheless, and warns', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve))
    const subject = guard({
      onRefusal: () => {
        throw new Error('the log is full')
      },
    })
    assert.equal(reasonOf(await subject.check(facts(token, thiefs))), 'token_certificate_mismatch')
    assert.match(String(await warned), /the log is full/)
  })

  test('accessOf a request that no adapter has seen is a mistake', () => {
    assert.throws(() => guard().accessOf({}), TypeError)
  })
})

suite('options', () => {
  const problems: readonly [Partial<Record<keyof GuardOptions | 'audiense', unknown>>, string][] = [
    [{ issuer: 'http://as.example' }, 'issuer must be an https URL'],
    [{ audience: ['https://api.example', 'api'] }, 'audience[1] must be an absolute URI, got "api"'],
    [{ audience: [] }, 'audience must name this API'],
    [{ audiense: 1 }, 'audiense is not an option'],
    [{ certificate: undefined }, "certificate must say where it comes from: { from: 'tls' }"],
    [{ certificate: { from: 'ngnix' } }, 'certificate.from must be tls, caller or one of rfc9440, nginx'],
    [{ certificate: { from: 'nginx' } }, 'certificate.proof must say how the proxy is known'],
    [
      { certificate: { from: 'nginx', proof: { secretHeader: 'x-s', secrets: ['short'] } } },
      'certificate.proof.secrets[0] must have 32',
    ],
    [{ certificate: { from: 'nginx', proof: 'unix-socket', header: 'a b' } }, 'certificate.header'],
    [{ binding: 'off' }, "binding must be 'required' or 'if_bound'"],
    [{ algorithms: ['HS256'] }, 'algorithms[0] must be one of ES256'],
    [{ clockSkew: 300 }, 'clockSkew must be a number from 0 to 60'],
    [{ ca: 'nonsense' }, 'ca[0] must be a certificate in PEM'],
    [{ keys: { jwksUri: 'http://as.example/jwks' } }, 'keys must be'],
    [{ keys: { jwks: {} } }, 'keys.jwks must be a JWK Set'],
    [{ tokens: 'opaque' }, "introspection is needed for tokens 'opaque'"],
    [{ introspection: { clientId: 'api', clientSecret: 's' } }, "tokens must be 'opaque' or 'jwt_or_opaque'"],
    [
      { tokens: 'opaque', introspection: { clientId: 'api' } },
      'introspection must have either certificate or clientSecret',
    ],
    [{ isRevoked: true }, 'isRevoked must be a function'],
  ]
  for (const [wrong, message] of problems) {
    test(message, () => {
      assert.throws(
        () => guard(wrong as Partial<GuardOptions>),
        (error) =>
          error instanceof TypeError && error.message.startsWith('guard options: ') && error.message.includes(message),
      )
    })
  }
})

function guard(options: Partial<GuardOptions> = {}) {
  return createGuard({
    issuer,
    audience,
    certificate: { from: 'tls' },
    keys: { jwks },
    clock: fixedClock(now),
    ...options,
  })
}

function facts(presented: string, ...[certificateThumbprint]: [string | undefined] | []): RequestFacts
function facts(presented: string, ...rest: (string | undefined)[]): RequestFacts {
  return { authorization: `Bearer ${presented}`, certificateThumbprint: rest.length === 0 ? ours : rest[0] }
}

function reasonOf(decision: Decision): string {
  return decision.granted ? 'granted' : decision.refusal.failure.reason
}

interface Signing {
  readonly key?: CryptoKey
  readonly alg?: string
  readonly kid?: string
  readonly typ?: string
}

function signed(
  changes: JWTPayload & { cnf?: unknown },
  { key = es256.privateKey, alg = 'ES256', kid = 'k1', typ = 'at+jwt' }: Signing = {},
): Promise<string> {
  const payload = JSON.parse(JSON.stringify({ iat: now, exp: now + 300, ...claims, ...changes })) as JWTPayload
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ }).sign(key)
}

function withHeader(header: object): string {
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), ...token.split('.').slice(1)].join('.')
}
