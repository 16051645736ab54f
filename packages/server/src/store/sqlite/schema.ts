/**
 * The steps from an empty file to the present schema. Step `n` leads from version `n` to `n + 1`; a step that was released is
 * never edited. docs/storage.md describes what stands in the tables.
 */
export const schemaSteps: readonly string[] = [
  `
  create table access_token (
    digest     text    not null primary key,
    client_id  text    not null,
    expires_at integer not null,
    record     text    not null
  ) strict, without rowid;
  create index access_token_expiry on access_token (expires_at);

  create table revoked_token (
    jti        text    not null primary key,
    expires_at integer not null
  ) strict, without rowid;
  create index revoked_token_expiry on revoked_token (expires_at);

  create table replay (
    scope      text    not null,
    id         text    not null,
    expires_at integer not null,
    primary key (scope, id)
  ) strict, without rowid;
  create index replay_expiry on replay (expires_at);
  create table replay_size (entries integer not null) strict;
  insert into replay_size values (0);
  create trigger replay_added after insert on replay begin update replay_size set entries = entries + 1; end;
  create trigger replay_removed after delete on replay begin update replay_size set entries = entries - 1; end;

  create table signing_key (
    kid                text    not null primary key,
    algorithm          text    not null,
    public_jwk         text    not null,
    sealed_private_key blob    not null,
    created_at         integer not null,
    signs_from         integer not null,
    signs_until        integer,
    published_until    integer
  ) strict, without rowid;
  `,
  `
  create table bound_certificate (
    thumbprint text    not null primary key,
    der        blob    not null,
    chain      text    not null,
    expires_at integer not null
  ) strict, without rowid;
  create index bound_certificate_expiry on bound_certificate (expires_at);
  `,
  `
  alter table access_token add column authorization_id text;
  create index access_token_authorization on access_token (authorization_id) where authorization_id is not null;

  create table granted_authorization (
    seq        integer primary key,
    id         text    not null unique,
    client_id  text    not null,
    subject    text    not null,
    session_id text,
    created_at integer not null,
    expires_at integer not null,
    record     text    not null
  ) strict;
  create index granted_authorization_subject on granted_authorization (subject, created_at);
  create index granted_authorization_client on granted_authorization (client_id);
  create index granted_authorization_session on granted_authorization (session_id) where session_id is not null;
  create index granted_authorization_expiry on granted_authorization (expires_at);

  create table authorization_code (
    digest           text    not null primary key,
    authorization_id text    not null,
    redeemed         integer not null,
    kept_until       integer not null,
    record           text    not null
  ) strict, without rowid;
  create index authorization_code_authorization on authorization_code (authorization_id);
  create index authorization_code_expiry on authorization_code (kept_until);

  create table refresh_token (
    digest           text    not null primary key,
    authorization_id text    not null,
    client_id        text    not null,
    expires_at       integer not null,
    record           text    not null,
    rotated_at       integer,
    rotations        integer not null
  ) strict, without rowid;
  create index refresh_token_authorization on refresh_token (authorization_id);
  create index refresh_token_expiry on refresh_token (expires_at);

  create table issued_token (
    authorization_id text    not null,
    jti              text    not null,
    expires_at       integer not null,
    primary key (authorization_id, jti)
  ) strict, without rowid;
  create index issued_token_expiry on issued_token (expires_at);

  create table decoupled_authorization (
    seq              integer primary key,
    digest           text    not null unique,
    client_id        text    not null,
    subject          text,
    user_code        text    unique,
    status           text    not null,
    authorization_id text,
    poll_interval    integer not null,
    polled_at        integer,
    early            integer not null,
    issued_at        integer not null,
    expires_at       integer not null,
    record           text    not null
  ) strict;
  create index decoupled_authorization_subject on decoupled_authorization (subject, issued_at) where subject is not null;
  create index decoupled_authorization_expiry on decoupled_authorization (expires_at);

  create table one_time (
    purpose    text    not null,
    digest     text    not null,
    expires_at integer not null,
    entry      text    not null,
    primary key (purpose, digest)
  ) strict, without rowid;
  create index one_time_expiry on one_time (expires_at);

  create table login_session (
    seq        integer primary key,
    digest     text    not null unique,
    session_id text    not null,
    subject    text    not null,
    created_at integer not null,
    expires_at integer not null,
    record     text    not null
  ) strict;
  create index login_session_id on login_session (session_id);
  create index login_session_subject on login_session (subject, created_at);
  create index login_session_expiry on login_session (expires_at);

  create table session_client (
    seq        integer primary key,
    session_id text    not null,
    client_id  text    not null,
    unique (session_id, client_id)
  ) strict;

  create table person (
    subject text    not null primary key,
    version integer not null,
    record  text    not null
  ) strict, without rowid;

  create table person_login (
    kind    text not null,
    value   text not null,
    subject text not null,
    primary key (kind, value)
  ) strict, without rowid;
  create index person_login_subject on person_login (subject);

  create table registered_client (
    client_id                 text    not null primary key,
    version                   integer not null,
    registration_token_digest text,
    disabled                  integer not null,
    created_at                integer not null,
    metadata                  text    not null
  ) strict, without rowid;
  create table registered_client_revision (revision integer not null) strict;
  insert into registered_client_revision values (0);
  `,
  `
  create table outbox (
    purpose    text    not null,
    id         text    not null,
    due_at     integer not null,
    expires_at integer not null,
    attempts   integer not null,
    entry      text    not null,
    primary key (purpose, id)
  ) strict, without rowid;
  create index outbox_due on outbox (purpose, due_at);
  create index outbox_expiry on outbox (expires_at);
  `,
  `
  create table guess (
    name  text    not null primary key,
    until integer not null
  ) strict, without rowid;
  create index guess_until on guess (until);
  `,
]
