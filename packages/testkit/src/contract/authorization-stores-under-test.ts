import type {
  AccessTokenRecord,
  AccessTokenStore,
  AuthorizationCodeRecord,
  AuthorizationCodeStore,
  AuthorizationRecord,
  AuthorizationStore,
  OneTimePurpose,
  OneTimeStore,
  RefreshTokenRecord,
  RefreshTokenStore,
  RevokedTokenStore,
  SessionRecord,
  SessionStore,
} from '@holdfast/core'

/** Authorizations, what led to them and what is issued from them, on the same data. */
export interface AuthorizationStoresUnderTest {
  readonly authorizations: AuthorizationStore
  readonly authorizationCodes: AuthorizationCodeStore
  readonly refreshTokens: RefreshTokenStore
  readonly accessTokens: AccessTokenStore
  readonly revokedTokens: RevokedTokenStore
  readonly oneTime: { readonly [Purpose in OneTimePurpose]: OneTimeStore<unknown> }
  readonly sessions: SessionStore
}

export const issueTime = 1_767_225_600

export const authorizationRecord: AuthorizationRecord = {
  clientId: 'acme',
  subject: 'alice',
  sessionId: 'session',
  scope: ['openid', 'orders:read'],
  audience: ['https://api.example'],
  authorizationDetails: [{ type: 'payment', amount: { value: '1.00', currency: 'EUR' }, nul: '\u0000' }],
  claims: { userinfo: { email: null, name: { essential: true } } },
  authentication: { time: issueTime - 10, amr: ['pwd', 'otp'], acr: 'urn:loa:2' },
  createdAt: issueTime,
  expiresAt: issueTime + 86_400,
}

export const codeRecord: AuthorizationCodeRecord = {
  clientId: 'acme',
  authorizationId: 'authorization',
  redirectUri: 'https://acme.example/back?a=%00',
  codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  nonce: 'nonce \u0000',
  issuedAt: issueTime,
  expiresAt: issueTime + 60,
}

export const refreshRecord: RefreshTokenRecord = {
  clientId: 'acme',
  authorizationId: 'authorization',
  scope: ['orders:read'],
  confirmation: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' },
  issuedAt: issueTime,
  expiresAt: issueTime + 3600,
}

export const accessRecord: AccessTokenRecord = {
  clientId: 'acme',
  subject: 'alice',
  scope: ['orders:read'],
  audience: ['https://api.example'],
  authorizationId: 'authorization',
  issuedAt: issueTime,
  expiresAt: issueTime + 300,
}

/** A login session in which {@link authorizationRecord} was given. */
export const sessionRecord: SessionRecord = {
  sessionId: 'session',
  subject: 'alice',
  authentication: { time: issueTime - 10, amr: ['pwd'] },
  clients: [],
  createdAt: issueTime - 10,
  expiresAt: issueTime + 3600,
}
