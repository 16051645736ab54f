import { randomUUID, sign } from 'node:crypto'
import { assertionIssuer } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'

/** An assertion of the issuer whom the site's clients registered, good for one grant (RFC 7523 §2.1). */
export function grantAssertion({ assertionKey, issuer }: PeopleSite): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: assertionIssuer,
    sub: 'someone',
    aud: issuer.origin,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
  }
  const input = [{ alg: 'ES256', kid: 'partner' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const key = { key: assertionKey, dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}
