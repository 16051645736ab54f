/**
 * The statements that remove at most `slice` rows each whose time was over before `$1`. What belongs to one that is removed
 * goes first.
 */
export function expiredRows(slice: number): readonly string[] {
  const keyed = (table: string, key: string, until: string): string =>
    `delete from ${table} where ${key} in (select ${key} from ${table} where ${until} < $1 order by ${until} limit ${slice})`
  return [
    keyed('access_token', 'digest', 'expires_at'),
    keyed('revoked_token', 'jti', 'expires_at'),
    `delete from replay
      where (scope, id) in (select scope, id from replay where expires_at < $1 order by expires_at limit ${slice})`,
    keyed('bound_certificate', 'thumbprint', 'expires_at'),
    'delete from signing_key where published_until < $1',
    keyed('granted_authorization', 'seq', 'expires_at'),
    keyed('authorization_code', 'digest', 'kept_until'),
    keyed('refresh_token', 'digest', 'expires_at'),
    `delete from issued_token where (authorization_id, jti) in (
       select authorization_id, jti from issued_token where expires_at < $1 order by expires_at limit ${slice})`,
    keyed('decoupled_authorization', 'seq', 'expires_at'),
    `delete from one_time
      where (purpose, digest) in (select purpose, digest from one_time where expires_at < $1 order by expires_at limit ${slice})`,
    `delete from session_client where session_id in (
       select session_id from login_session where expires_at < $1 order by expires_at limit ${slice})
       and not exists (select 1 from login_session s where s.session_id = session_client.session_id and s.expires_at >= $1)`,
    keyed('login_session', 'seq', 'expires_at'),
    keyed('guess', 'name', 'until'),
    `delete from outbox
      where (purpose, id) in (select purpose, id from outbox where expires_at < $1 order by expires_at limit ${slice})`,
  ]
}
