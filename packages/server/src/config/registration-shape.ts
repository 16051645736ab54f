import {
  boolean,
  described,
  list,
  mapping,
  oneOf,
  optional,
  otherwise,
  record,
  required,
  text,
  textLike,
} from './shape.ts'
import type { Shape } from './shape.ts'
import type { DurationText } from './configuration-file.ts'

/** `registration` as written: who may register clients, and what these may be. */
export interface RegistrationFile {
  readonly endpoint: 'on' | 'off'
  readonly 'initial-access-token-files': readonly string[]
  readonly 'certificate-trust': readonly string[]
  readonly 'software-statements'?: {
    readonly required: boolean
    readonly issuers: Readonly<Record<string, StatementIssuerFile>>
    readonly 'maximum-age'?: DurationText
  }
  readonly 'dangerously-open': boolean
  readonly scope: string
  readonly 'grant-types': readonly string[]
  readonly 'authentication-methods': readonly string[]
  readonly trust?: string
  readonly resource: readonly string[]
  readonly rules: 'none' | 'brazil'
}

export interface StatementIssuerFile {
  readonly 'jwks-file'?: string
  readonly 'jwks-uri'?: string
  readonly algorithms: readonly ('ES256' | 'EdDSA' | 'PS256' | 'RS256')[]
}

/** The shape of `registration`. */
export function registrationShape(duration: Shape<DurationText>): Shape<RegistrationFile> {
  const line = text(1, 4096)
  const name = textLike(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, dots, dashes and underscores')
  const path = described('path of a file, from the directory of this file', line)
  const issuer = mapping({
    'jwks-file': optional(path),
    'jwks-uri': optional(line, 'https URL of its keys'),
    algorithms: otherwise(['PS256', 'ES256'], list(oneOf('ES256', 'EdDSA', 'PS256', 'RS256'), 1)),
  })
  const statements = mapping({
    required: otherwise(false, boolean()),
    issuers: required(record(line, issuer), 'by the iss of their statements'),
    'maximum-age': optional(duration, 'how old a statement may be, by its iat'),
  })
  return mapping({
    endpoint: otherwise('on', oneOf('on', 'off'), 'off: clients are added by `holdfast client` alone'),
    'initial-access-token-files': otherwise([], list(path), 'each holds a token that may register clients'),
    'certificate-trust': otherwise(
      [],
      list(name),
      'who registers must show a certificate that one of these vouches for',
    ),
    'software-statements': optional(statements, 'RFC 7591 §2.3'),
    'dangerously-open': otherwise(false, boolean(), 'let anybody register clients'),
    scope: otherwise('', text(0, 4096), 'what such clients may ask for at most'),
    'grant-types': otherwise(['authorization_code', 'refresh_token'], list(line, 1)),
    'authentication-methods': otherwise(
      ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt'],
      list(line, 1),
    ),
    trust: optional(name, 'vouches for tls_client_auth clients; when absent, what vouched for who registers'),
    resource: otherwise([], list(line), 'what their tokens may be for'),
    rules: otherwise('none', oneOf('none', 'brazil'), 'of an ecosystem: Open Finance Brasil'),
  })
}
