/**
 * The steps from an empty schema to the present one, as `sqlite/schema.ts` has them for SQLite. Step `n` leads from version `n`
 * to `n + 1`; a step that was released is never edited. Text is compared octet by octet.
 */
export const postgresSchemaSteps: readonly string[] = [
  `
  create table access_token (
    digest           text collate "C" primary key,
    client_id        text collate "C" not null,
    authorization_id text collate "C",
    expires_at       bigint not null,
    record           text not null
  );
  create index access_token_expiry on access_token (expires_at);
  create index access_token_authorization on access_token (authorization_id) where authorization_id is not null;

  create table revoked_token (
    jti        text collate "C" primary key,
    expires_at bigint not null
  );
  create index revoked_token_expiry on revoked_token (expires_at);

  create table replay (
    scope      text collate "C" not null,
    id         text collate "C" not null,
    expires_at bigint not null,
    primary key (scope, id)
  );
  create index replay_expiry on replay (expires_at);

  -- The number of rows in "replay", in parts, so that writers seldom wait for each other.
  create table replay_size (part integer primary key, entries bigint not null) with (fillfactor = 10);
  insert into replay_size select part, 0 from generate_series(0, 15) part;
  create function replay_count() returns trigger language plpgsql as $$
  declare changed bigint;
  begin
    select count(*) into changed from changed_rows;
    if changed > 0 then
      update replay_size set entries = entries + case when tg_op = 'INSERT' then changed else -changed end
       where part = pg_backend_pid() % 16;
    end if;
    return null;
  end $$;
  create trigger replay_added after insert on replay
    referencing new table as changed_rows for each statement execute function replay_count();
  create trigger replay_removed after delete on replay
    referencing old table as changed_rows for each statement execute function replay_count();

  create table signing_key (
    kid                text collate "C" primary key,
    algorithm          text not null,
    public_jwk         text not null,
    sealed_private_key bytea not null,
    created_at         bigint not null,
    signs_from         bigint not null,
    signs_until        bigint,
    published_until    bigint
  );

  create table bound_certificate (
    thumbprint text collate "C" primary key,
    der        bytea not null,
    chain      text not null,
    expires_at bigint not null
  );
  create index bound_certificate_expiry on bound_certificate (expires_at);

  create table granted_authorization (
    seq        bigint generated always as identity primary key,
    id         text collate "C" not null unique,
    client_id  text collate "C" not null,
    subject    text collate "C" not null,
    session_id text collate "C",
    created_at bigint not null,
    expires_at bigint not null,
    record     text not null
  );
  create index granted_authorization_subject on granted_authorization (subject, created_at);
  create index granted_authorization_client on granted_authorization (client_id);
  create index granted_authorization_session on granted_authorization (session_id) where session_id is not null;
  create index granted_authorization_expiry on granted_authorization (expires_at);

  create table authorization_code (
    digest           text collate "C" primary key,
    authorization_id text collate "C" not null,
    redeemed         integer not null,
    kept_until       bigint not null,
    record           text not null
  );
  create index authorization_code_authorization on authorization_code (authorization_id);
  create index authorization_code_expiry on authorization_code (kept_until);

  create table refresh_token (
    digest           text collate "C" primary key,
    authorization_id text collate "C" not null,
    client_id        text collate "C" not null,
    expires_at       bigint not null,
    record           text not null,
    rotated_at       bigint,
    rotations        integer not null
  );
  create index refresh_token_authorization on refresh_token (authorization_id);
  create index refresh_token_expiry on refresh_token (expires_at);

  create table issued_token (
    authorization_id text collate "C" not null,
    jti              text collate "C" not null,
    expires_at       bigint not null,
    primary key (authorization_id, jti)
  );
  create index issued_token_expiry on issued_token (expires_at);

  create table decoupled_authorization (
    seq              bigint generated always as identity primary key,
    digest           text collate "C" not null unique,
    client_id        text collate "C" not null,
    subject          text collate "C",
    user_code        text collate "C" unique,
    status           text not null,
    authorization_id text collate "C",
    poll_interval    bigint not null,
    polled_at        bigint,
    early            integer not null,
    issued_at        bigint not null,
    expires_at       bigint not null,
    record           text not null
  );
  create index decoupled_authorization_subject on decoupled_authorization (subject, issued_at)
   where subject is not null;
  create index decoupled_authorization_expiry on decoupled_authorization (expires_at);

  create table one_time (
    purpose    text collate "C" not null,
    digest     text collate "C" not null,
    expires_at bigint not null,
    entry      text not null,
    primary key (purpose, digest)
  );
  create index one_time_expiry on one_time (expires_at);

  create table login_session (
    seq        bigint generated always as identity primary key,
    digest     text collate "C" not null unique,
    session_id text collate "C" not null,
    subject    text collate "C" not null,
    created_at bigint not null,
    expires_at bigint not null,
    record     text not null
  );
  create index login_session_id on login_session (session_id);
  create index login_session_subject on login_session (subject, created_at);
  create index login_session_expiry on login_session (expires_at);

  create table session_client (
    seq        bigint generated always as identity primary key,
    session_id text collate "C" not null,
    client_id  text collate "C" not null,
    unique (session_id, client_id)
  );

  create table person (
    subject text collate "C" primary key,
    version bigint not null,
    record  text not null
  );

  create table person_login (
    kind    text collate "C" not null,
    value   text collate "C" not null,
    subject text collate "C" not null,
    primary key (kind, value)
  );
  create index person_login_subject on person_login (subject);

  create table registered_client (
    client_id                 text collate "C" primary key,
    version                   bigint not null,
    registration_token_digest text,
    disabled                  integer not null,
    created_at                bigint not null,
    metadata                  text not null
  );
  create table registered_client_revision (revision bigint not null);
  insert into registered_client_revision values (0);
  `,
  `
  create table outbox (
    purpose    text collate "C" not null,
    id         text collate "C" not null,
    due_at     bigint not null,
    expires_at bigint not null,
    attempts   integer not null,
    entry      text not null,
    primary key (purpose, id)
  );
  create index outbox_due on outbox (purpose, due_at);
  create index outbox_expiry on outbox (expires_at);
  `,
  `
  create table guess (
    name  text collate "C" primary key,
    until bigint not null
  );
  create index guess_until on guess (until);
  `,
]
