import { ok, type Result } from '@holdfast/x509'
import { parseCompactJws } from '../jose/compact-jws.ts'
import type { TokenDigest } from '../port/access-token-store.ts'
import type { RefreshTokenRecord } from '../port/refresh-token-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { AccessToken } from '../token/access-token.ts'
import { ownAccessToken } from '../token/own-access-token.ts'
import { verifiedJwt } from '../token/verified-token.ts'
import type { TokenManagementPorts } from './ports.ts'
import { reach } from './reach.ts'

/** A token that somebody brought, if it is one of ours; expired and revoked ones included. */
export type PresentedToken =
  | { readonly format: 'jwt'; readonly token: AccessToken; readonly jti: string }
  | { readonly format: 'opaque'; readonly token: AccessToken; readonly digest: TokenDigest }
  | { readonly format: 'refresh'; readonly record: RefreshTokenRecord; readonly digest: TokenDigest }
  | { readonly format: 'unknown' }

/**
 * Finds out what a presented token stands for.
 *
 * `token_type_hint` is not needed: the two forms cannot be confused, since opaque tokens have no dots (RFC 7009 §2.1,
 * RFC 7662 §2.1).
 */
export async function presentedToken(
  text: string,
  ports: TokenManagementPorts,
  issuer: string,
): Promise<Result<PresentedToken, Failure>> {
  if (!text.includes('.')) {
    const digest = ports.opaqueTokens.digest(text)
    const record = await reach('access_tokens', () => ports.accessTokens.find(digest))
    if (!record.ok) return record
    if (record.value !== undefined) return ok({ format: 'opaque', token: record.value, digest })
    const { delegations } = ports
    if (delegations === undefined) return ok(unknown)
    const refresh = await reach('refresh_tokens', () => delegations.refreshTokens.find(digest))
    if (!refresh.ok) return refresh
    return ok(refresh.value === undefined ? unknown : { format: 'refresh', record: refresh.value, digest })
  }
  const jws = parseCompactJws(text)
  if (!jws.ok) return ok(unknown)
  const signature = await reach('token_keys', () => ports.verifier.verify(jws.value))
  if (!signature.ok) return signature
  if (signature.value !== 'verified') return ok(unknown)
  const own = ownAccessToken(verifiedJwt(jws.value), issuer)
  return ok(own === undefined ? unknown : { format: 'jwt', ...own })
}

const unknown: PresentedToken = { format: 'unknown' }
