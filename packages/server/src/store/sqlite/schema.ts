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
]
