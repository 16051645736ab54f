import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import { clientMetadataMembers } from './client-metadata-members.ts'
import { parseClientMetadata, type RegistrationRules } from './client-metadata.ts'
import type { RegisteredClient } from './registered-client.ts'

const rules: RegistrationRules = {
  authenticationMethods: [
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'private_key_jwt',
    'client_secret_basic',
    'client_secret_post',
    'none',
  ],
  grantTypes: ['client_credentials'],
  trust: ['partners', 'staff'],
  unknownMembers: 'refuse',
  thumbprint: (der) => createHash('sha256').update(der).digest('base64url') as CertificateThumbprint,
}

const pinned = createSelfSignedCertificate()
const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const common = { client_id: 'acme', grant_types: ['client_credentials'] }
const tls = {
  ...common,
  token_endpoint_auth_method: 'tls_client_auth',
  trust: 'partners',
  tls_client_auth_san_dns: 'acme.example',
}
const selfSigned = { ...common, token_endpoint_auth_method: 'self_signed_tls_client_auth' }
const jwt = { ...common, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [signing] } }
const secret = { ...common, client_secret_hash: '$scrypt$…' }

function client(metadata: object, more: Partial<RegistrationRules> = {}): RegisteredClient {
  const result = parseClientMetadata(metadata, { ...rules, ...more })
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

function problems(metadata: unknown, more: Partial<RegistrationRules> = {}): readonly string[] {
  const result = parseClientMetadata(metadata, { ...rules, ...more })
  assert.ok(!result.ok, 'registered although it is wrong')
  return result.failure.map(({ path, problem }) => `${path}: ${problem}`)
}

describe('parseClientMetadata', () => {
  test('reads a whole record', () => {
    const result = client({
      ...tls,
      client_name: 'Acme',
      scope: 'orders:read orders:write orders:read',
      resource: ['https://api.example/a', 'urn:example:b'],
      access_token_format: 'opaque',
      access_token_lifetime: 600,
      introspection_audience: 'https://api.example/a',
      tls_client_certificate_bound_access_tokens: true,
    })
    assert.deepEqual(result, {
      clientId: 'acme',
      clientName: 'Acme',
      disabled: false,
      authentication: {
        method: 'tls_client_auth',
        trust: 'partners',
        subject: { kind: 'san_dns', text: 'acme.example', comparable: 'dns:acme.example' },
      },
      binding: 'required',
      grantTypes: ['client_credentials'],
      scope: ['orders:read', 'orders:write'],
      resource: ['https://api.example/a', 'urn:example:b'],
      accessTokenFormat: 'opaque',
      accessTokenLifetime: 600,
      introspectionAudience: ['https://api.example/a'],
    })
  })

  test('tells all problems at once, each with its place', () => {
    assert.deepEqual(
      problems({
        client_id: 'a\nb',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_ip: '999.1.1.1',
        tls_client_auth_san_dns: 'acme.example',
        trust: 'nobody',
        grant_types: ['client_credentials', 'password'],
        scope: 'a  b',
        resource: 'api',
        access_token_lifetime: 0.5,
        access_token_format: 'xml',
        disabled: 'yes',
        tls_client_auth_sandns: 'x',
      }),
      [
        'tls_client_auth_sandns: no such member',
        'tls_client_auth_san_ip: exactly one subject may be registered, and tls_client_auth_san_dns is there',
        'trust: no such trust profile',
        'client_id: not 1 to 256 printable ASCII characters',
        'disabled: not true or false',
        'grant_types[1]: a grant type that is not offered',
        'scope: not scope values separated by single blanks',
        'resource: not an absolute URI without fragment',
        'access_token_format: no such value',
        'access_token_lifetime: not a whole number of seconds from 1 to 86400',
      ],
    )
  })

  test('an unknown member is named with the one that was meant, or passed over for strangers', () => {
    const metadata = { ...tls, 'tls-client-certificate-bound-access-token': true }
    const result = parseClientMetadata(metadata, rules)
    assert.ok(!result.ok)
    assert.equal(result.failure[0]?.hint, 'did you mean tls_client_certificate_bound_access_tokens?')
    assert.equal(client(metadata, { unknownMembers: 'ignore' }).binding, 'required')
  })

  for (const value of [null, 'acme', [], 7, undefined]) {
    test(`${JSON.stringify(value)} is no record`, () => {
      assert.deepEqual(problems(value), [': not an object'])
    })
  }

  test('members named __proto__ and constructor are unknown members like any other', () => {
    const metadata: unknown = JSON.parse(
      '{"client_id":"acme","grant_types":[],"client_secret_hash":"x","__proto__":{"disabled":true},"constructor":{"prototype":{"disabled":true}}}',
    )
    assert.deepEqual(problems(metadata), ['__proto__: no such member', 'constructor: no such member'])
    assert.equal(client(metadata as object, { unknownMembers: 'ignore' }).disabled, false)
    assert.equal(({} as Record<string, unknown>)['disabled'], undefined)
    assert.deepEqual(problems({ ...common, token_endpoint_auth_method: 'constructor' }), [
      'token_endpoint_auth_method: no such method',
    ])
  })
})

test('any JSON is a client or a list of problems, never more', () => {
  const member = fc.constantFrom(...clientMetadataMembers, '__proto__')
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('tls_client_auth', 'none', true, ['client_credentials'], 'CN=a', 'a.example'),
  )
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(member, value, { maxKeys: 8 }), (foreign, metadata) => {
      parseClientMetadata(foreign, rules)
      const result = parseClientMetadata({ ...tls, ...metadata }, rules)
      if (!result.ok) assert.ok(result.failure.length > 0)
    }),
  )
})

describe('tls_client_auth', () => {
  test('RFC8705-M9 exactly one of the five subjects: none and two are refused', () => {
    const { tls_client_auth_san_dns: _, ...none } = tls
    assert.deepEqual(problems(none), [': tls_client_auth needs the subject of the certificate'])
    const values = {
      tls_client_auth_subject_dn: 'CN=acme',
      tls_client_auth_san_dns: 'acme.example',
      tls_client_auth_san_uri: 'spiffe://acme.example/x',
      tls_client_auth_san_ip: '192.0.2.7',
      tls_client_auth_san_email: 'ops@acme.example',
    }
    for (const [member, value] of Object.entries(values)) {
      const one = client({ ...none, [member]: value })
      assert.equal(
        (one.authentication as { subject: { kind: string } }).subject.kind,
        member.slice('tls_client_auth_'.length),
      )
      for (const [second, other] of Object.entries(values)) {
        if (second !== member) assert.equal(problems({ ...none, [member]: value, [second]: other }).length, 1)
      }
    }
  })

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['tls_client_auth_san_dns', '*.example', 'a wildcard'],
    ['tls_client_auth_san_dns', 'acme.example.', 'not a DNS name'],
    ['tls_client_auth_san_dns', 'äcme.example', 'not a DNS name'],
    ['tls_client_auth_san_dns', 'acme example', 'not a DNS name'],
    ['tls_client_auth_san_dns', 'a.example\0.evil', 'not a DNS name'],
    ['tls_client_auth_san_dns', '192.0.2.7', 'an IP address'],
    ['tls_client_auth_san_dns', ['acme.example'], 'not a string'],
    [
      'tls_client_auth_san_dns',
      `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}`,
      'not a DNS name',
    ],
    ['tls_client_auth_san_uri', 'acme', 'not an absolute URI'],
    ['tls_client_auth_san_uri', 'https://a b', 'not an absolute URI'],
    ['tls_client_auth_san_ip', '192.0.2.7/32', 'not an IP address'],
    ['tls_client_auth_san_ip', 'fe80::1%eth0', 'not an IP address'],
    ['tls_client_auth_san_ip', '192.0.2.07', 'not an IP address'],
    ['tls_client_auth_san_email', 'acme.example', 'not an e-mail address'],
    ['tls_client_auth_san_email', '@acme.example', 'not an e-mail address'],
    ['tls_client_auth_san_email', 'a@b@*.example', 'not an e-mail address'],
    ['tls_client_auth_subject_dn', '', 'the empty name'],
  ]
  for (const [member, value, problem] of wrong) {
    test(`RFC8705-M9 ${member} ${JSON.stringify(value).slice(0, 40)}: ${problem}`, () => {
      const { tls_client_auth_san_dns: _, ...none } = tls
      assert.deepEqual(problems({ ...none, [member]: value }), [`${member}: ${problem}`])
    })
  }

  test('RFC8705-M9 a name that is not RFC 4514 is refused with the place and a hint', () => {
    const { tls_client_auth_san_dns: _, ...none } = tls
    const result = parseClientMetadata({ ...none, tls_client_auth_subject_dn: '/C=DE/CN=acme' }, rules)
    assert.ok(!result.ok)
    assert.match(result.failure[0]!.problem, /^not a name in RFC 4514 form: .* at character \d+$/)
    assert.match(result.failure[0]!.hint ?? '', /\S/)
  })

  test('RFC8705-M31 a client names the CAs that may vouch for it, or has the default', () => {
    const { trust: _, ...none } = tls
    assert.deepEqual(problems(none), ['trust: missing: it says which CAs may vouch for this client'])
    const result = client(none, { defaultTrust: 'staff' })
    assert.equal((result.authentication as { trust: string }).trust, 'staff')
  })
})

describe('self_signed_tls_client_auth', () => {
  const x5c = [Buffer.from(pinned.der).toString('base64')]
  const jwk = { ...createPublicKey(pinned.key).export({ format: 'jwk' }), x5c }

  test('RFC8705-M10 several certificates, by thumbprint in every form and by JWK', () => {
    const hex = createHash('sha256').update('other').digest('hex')
    const colons = hex.toUpperCase().replace(/..(?!$)/g, '$&:')
    const other = createHash('sha256').update('other').digest('base64url')
    for (const form of [hex, colons, other]) {
      const { authentication } = client({ ...selfSigned, jwks: { keys: [jwk] }, certificate_thumbprints: [form] })
      assert.ok(authentication.method === 'self_signed_tls_client_auth')
      assert.deepEqual([...authentication.thumbprints].sort(), [other, pinned.thumbprint].sort())
    }
  })

  test('needs certificates, and keeps only SHA-256', () => {
    assert.deepEqual(problems(selfSigned), [': self_signed_tls_client_auth needs the registered certificates'])
    assert.deepEqual(problems({ ...selfSigned, certificate_thumbprints: [] }), [
      'certificate_thumbprints: not a list with at least one thumbprint',
    ])
    const result = parseClientMetadata({ ...selfSigned, certificate_thumbprints: ['a'.repeat(40)] }, rules)
    assert.ok(!result.ok)
    assert.deepEqual(result.failure, [
      {
        path: 'certificate_thumbprints[0]',
        problem: 'not a SHA-256 thumbprint',
        hint: 'this is a SHA-1 value; see `holdfast cert thumbprint`',
      },
    ])
    assert.deepEqual(problems({ ...selfSigned, jwks: { keys: [signing] } }), ['jwks: no key carries a certificate'])
  })

  test('jwks and jwks_uri exclude each other; a jwks_uri is https', () => {
    const uri = 'https://acme.example/jwks'
    assert.deepEqual(problems({ ...selfSigned, jwks: { keys: [jwk] }, jwks_uri: uri }), [
      'jwks_uri: jwks is there as well',
    ])
    for (const wrong of [
      'http://acme.example/jwks',
      'https://u:p@acme.example',
      'https://acme.example/#x',
      'jwks',
      7,
    ]) {
      assert.deepEqual(problems({ ...selfSigned, jwks_uri: wrong }), ['jwks_uri: not an https URL'])
    }
    const { authentication } = client({ ...selfSigned, jwks_uri: uri })
    assert.ok(authentication.method === 'self_signed_tls_client_auth')
    assert.equal(authentication.jwksUri, uri)
  })
})

describe('other methods', () => {
  test('private_key_jwt needs a key that can sign with a registered algorithm', () => {
    const { authentication } = client({ ...jwt, token_endpoint_auth_signing_alg: 'ES256' })
    assert.ok(authentication.method === 'private_key_jwt')
    assert.deepEqual(authentication.algorithms, ['ES256'])
    assert.deepEqual(problems({ ...jwt, token_endpoint_auth_signing_alg: 'PS256' }), [
      'jwks: no key that can sign with PS256',
    ])
    for (const alg of ['none', 'HS256', 'ES512']) {
      assert.deepEqual(problems({ ...jwt, token_endpoint_auth_signing_alg: alg }), [
        'token_endpoint_auth_signing_alg: not an accepted algorithm',
      ])
    }
    const { jwks: _, ...none } = jwt
    assert.deepEqual(problems(none), [': private_key_jwt needs the public keys'])
  })

  test('client_secret_basic is the default of RFC 7591; a secret in the clear is not registered', () => {
    assert.deepEqual(client(secret).authentication, { method: 'client_secret_basic', secretHash: '$scrypt$…' })
    assert.deepEqual(problems({ ...common, client_secret: 's' }), ['client_secret: a secret in the clear'])
    assert.deepEqual(problems(common), ['client_secret_hash: missing'])
  })

  test('a member that means nothing with the method is a problem', () => {
    assert.deepEqual(problems({ ...secret, tls_client_auth_san_dns: 'acme.example', trust: 'partners' }), [
      'tls_client_auth_san_dns: means nothing with client_secret_basic',
      'trust: means nothing with client_secret_basic',
    ])
  })

  test('a method that is switched off cannot be registered', () => {
    assert.deepEqual(problems(tls, { authenticationMethods: ['private_key_jwt'] }), [
      'token_endpoint_auth_method: tls_client_auth is not switched on',
    ])
  })

  test('client credentials for a public client need two words more, and bound tokens', () => {
    const none = { ...common, token_endpoint_auth_method: 'none' }
    assert.deepEqual(problems(none), [
      'grant_types: client_credentials is for clients that authenticate (RFC 6749 §4.4)',
    ])
    assert.deepEqual(problems({ ...none, dangerously_allow_public_client_credentials: true }), [
      'dangerously_allow_public_client_credentials: only with bound tokens',
    ])
    const allowed = client({ ...none, dangerously_allow_public_client_credentials: true, binding: 'required' })
    assert.equal(allowed.authentication.method, 'none')
    assert.deepEqual(problems({ ...secret, dangerously_allow_public_client_credentials: true }), [
      'dangerously_allow_public_client_credentials: means nothing here',
    ])
  })

  test('RFC8705-M26 the implicit grant, whose tokens cannot be bound, cannot be registered', () => {
    assert.deepEqual(problems({ ...secret, grant_types: ['implicit'] }), [
      'grant_types[0]: a grant type that is not offered',
    ])
  })

  test('grant types must be named, since the default of RFC 7591 is not offered; none at all is possible', () => {
    const { grant_types: _, ...none } = secret
    assert.deepEqual(problems(none), [
      'grant_types: missing, and the default authorization_code (RFC 7591 §2) is not offered',
    ])
    assert.deepEqual(client({ ...none, grant_types: [] }).grantTypes, [])
  })
})

describe('binding', () => {
  const bound = 'tls_client_certificate_bound_access_tokens'
  const cases: readonly (readonly [string, object, object, RegisteredClient['binding']])[] = [
    ['RFC8705-M19 bound tokens registered', { ...jwt, [bound]: true }, {}, 'required'],
    ['RFC8705-M19 bound tokens declined', { ...tls, [bound]: false }, {}, 'off'],
    [
      'bound tokens declined, but taken when there is a certificate',
      { ...jwt, [bound]: false, binding: 'if_present' },
      {},
      'if_present',
    ],
    ['nothing said by a certificate client', tls, {}, 'required'],
    [
      'nothing said by a self-signed client',
      { ...selfSigned, certificate_thumbprints: [pinned.thumbprint] },
      {},
      'required',
    ],
    ['nothing said by any other client', jwt, {}, 'if_present'],
    ['an own choice', { ...tls, binding: 'off' }, {}, 'off'],
    ['the operator’s choice for all', jwt, { defaultBinding: 'required' }, 'required'],
    [
      'a registration against the operator’s choice for all',
      { ...jwt, binding: 'off' },
      { defaultBinding: 'required' },
      'off',
    ],
  ]
  for (const [name, metadata, more, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(client(metadata, more).binding, expected)
    })
  }

  test('RFC8705-M19 a client that registered bound tokens cannot be given others', () => {
    for (const binding of ['off', 'if_present']) {
      assert.deepEqual(problems({ ...tls, [bound]: true, binding }), [
        `binding: ${binding} contradicts tls_client_certificate_bound_access_tokens: true`,
      ])
    }
    assert.deepEqual(problems({ ...tls, [bound]: false, binding: 'required' }), [
      'binding: required contradicts tls_client_certificate_bound_access_tokens: false',
    ])
    assert.deepEqual(problems({ ...tls, [bound]: 'true' }), [`${bound}: not true or false`])
    const aliases = 'use_mtls_endpoint_aliases'
    assert.equal(parseClientMetadata({ ...tls, [aliases]: true }, rules).ok, true)
    assert.deepEqual(problems({ ...tls, [aliases]: 1 }), [`${aliases}: not true or false`])
  })
})
