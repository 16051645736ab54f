import type {
  AccessTokenStore,
  AuthorizationCodeRecord,
  AuthorizationCodeStore,
  AuthorizationRecord,
  AuthorizationStore,
  RefreshTokenRecord,
  RefreshTokenStore,
  RevokedTokenStore,
} from '@holdfast/core'

/** Authorizations and what is issued from them, on the same data. */
export interface AuthorizationStoresUnderTest {
  readonly authorizations: AuthorizationStore
  readonly authorizationCodes: AuthorizationCodeStore
  readonly refreshTokens: RefreshTokenStore
  readonly accessTokens: AccessTokenStore
  readonly revokedTokens: RevokedTokenStore
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
