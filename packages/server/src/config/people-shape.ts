import type { DurationText } from './configuration-file.ts'
import {
  anything,
  boolean,
  described,
  either,
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
import type { Member, Shape } from './shape.ts'

/** `people` as written: who can log in, and how. */
export interface PeopleFile {
  readonly users: readonly UserFile[]
  readonly password: 'on' | 'off'
  readonly passkeys: 'on' | 'off'
  readonly 'session-idle': DurationText
  readonly 'session-lifetime': DurationText
  readonly upstream: Readonly<Record<string, UpstreamFile>>
  readonly header?: HeaderLoginFile
  readonly certificates?: CertificateLoginFile
  readonly 'login-application'?: LoginApplicationFile
}

export interface UserFile {
  readonly subject: string
  readonly username?: string
  readonly password_hash?: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly upstream: Readonly<Record<string, string>>
  readonly certificates: readonly string[]
  readonly disabled: boolean
}

export interface UpstreamFile {
  readonly issuer: string
  readonly label?: string
  readonly 'client-id': string
  readonly 'client-secret-file'?: string
  readonly scope: string
  readonly 'unknown-people': 'refuse' | 'add'
}

export interface HeaderLoginFile {
  readonly name: string
  readonly 'unknown-people': 'refuse' | 'add'
}

export interface CertificateLoginFile {
  readonly trust: string
  readonly 'identify-by': 'email' | 'subject' | 'thumbprint'
  readonly kind: 'certificate' | 'smart-card'
}

export interface LoginApplicationFile {
  readonly url: string
  readonly label?: string
  readonly 'secret-file'?: string
  readonly certificate?: { readonly trust: string; readonly dns: string }
  readonly 'unknown-people': 'refuse' | 'add'
  readonly 'acr-values': readonly string[]
  readonly start: 'button' | 'at-once'
}

/** `ui` as written: how pages look and speak. */
export interface UiFile {
  readonly 'service-documentation'?: string
  readonly 'policy-uri'?: string
  readonly 'tos-uri'?: string
  readonly 'service-name'?: string
  readonly languages: readonly string[]
  readonly texts: Readonly<Record<string, string>>
  readonly scopes: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly theme: Readonly<Record<string, string>>
  readonly stylesheet?: string
  readonly logo?: string
  readonly template?: string
}

/** The shape of `people`. */
export function peopleShape(duration: Shape<DurationText>): Shape<PeopleFile> {
  const line = text(1, 4096)
  const path = described('path of a file, from the directory of this file', line)
  const name = textLike(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a name of small letters, digits and dashes')
  const unknown = otherwise('refuse', oneOf('refuse', 'add'), 'whoever has no account here is refused, or gets one')
  const user = mapping({
    subject: required(text(1, 255), 'who it is, for ever: `sub` of the tokens'),
    username: optional(text(1, 320)),
    password_hash: optional(line, 'argon2id in PHC form, as printed by `holdfast user hash`'),
    claims: otherwise({}, record(line, anything()), 'name, email, …: OpenID Connect Core §5.1'),
    upstream: otherwise({}, record(name, line), 'who it is at providers of `upstream`'),
    certificates: otherwise([], list(line), 'email:…, subject:… or x5t#S256:… of certificates that log in'),
    disabled: otherwise(false, boolean()),
  })
  const upstream = mapping({
    issuer: required(line, 'the issuer identifier of the OpenID provider'),
    label: optional(line, 'its name for people'),
    'client-id': required(line),
    'client-secret-file': optional(path, 'a public client with PKCE when absent'),
    scope: otherwise('openid profile email', line),
    'unknown-people': unknown,
  })
  return mapping({
    users: otherwise([], list(user), 'further ones are in the store: `holdfast user add`'),
    password: otherwise('on', oneOf('on', 'off')),
    passkeys: otherwise('off', oneOf('on', 'off')),
    'session-idle': otherwise(sessionIdle, duration, 'how long a login lasts without use'),
    'session-lifetime': otherwise(sessionLifetime, duration, 'how long a login lasts at most'),
    upstream: otherwise({}, record(name, upstream), 'OpenID providers that people may log in with'),
    header: optional(
      mapping({
        name: required(textLike(/^[A-Za-z0-9-]{1,64}$/, 'a header name'), 'in which the proxy says who has logged in'),
        'unknown-people': unknown,
      }),
      'an own login application in front: only where every main host is reached by a Unix socket',
    ),
    certificates: optional(
      mapping({
        trust: required(line, 'the trust that may vouch for people'),
        'identify-by': otherwise('email', oneOf('email', 'subject', 'thumbprint')),
        kind: otherwise(
          'certificate',
          oneOf('certificate', 'smart-card'),
          'smart-card: the trust has none but on cards that ask for a PIN; it counts as two factors',
        ),
      }),
      'certificates and smart cards, on a host of role login-certificate',
    ),
    'login-application': optional(
      mapping({
        url: required(line, 'where browsers are sent, with a parameter handle'),
        label: optional(line, 'its name for people; its host when absent'),
        'secret-file': optional(path, 'what it shows on the back channel as a bearer token; 32 characters or more'),
        certificate: optional(
          mapping({
            trust: required(line),
            dns: required(textLike(/^[A-Za-z0-9.-]{1,253}$/, 'a DNS name'), 'a dNSName of its certificate'),
          }),
          'what it shows on the mtls host instead of a secret',
        ),
        'unknown-people': unknown,
        'acr-values': otherwise([], list(line), 'every acr that it may say'),
        start: otherwise('button', oneOf('button', 'at-once'), 'at-once: nobody sees our login page'),
      }),
      'a login application of your own, to which browsers are sent',
    ),
  })
}

/** The members of `ui` besides the addresses that are in the metadata. */
export function uiMembers(): {
  readonly 'service-name': Member<string, 'optional'>
  readonly languages: Member<readonly string[], 'default'>
  readonly texts: Member<Readonly<Record<string, string>>, 'default'>
  readonly scopes: Member<Readonly<Record<string, string | Readonly<Record<string, string>>>>, 'default'>
  readonly theme: Member<Readonly<Record<string, string>>, 'default'>
  readonly stylesheet: Member<string, 'optional'>
  readonly logo: Member<string, 'optional'>
  readonly template: Member<string, 'optional'>
} {
  const line = text(1, 4096)
  const path = described('path of a file, from the directory of this file', line)
  const tag = textLike(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag, such as de or pt-BR')
  return {
    'service-name': optional(line, 'what people know this server as; its host name when absent'),
    languages: otherwise(
      ['en', 'de'],
      list(tag, 1),
      'what is spoken, the first to everyone who understands none of them',
    ),
    texts: otherwise({}, record(tag, path), 'JSON or YAML files with sentences of your own, by language'),
    scopes: otherwise(
      {},
      record(line, either(line, record(tag, line), 'words, or words by language')),
      'scopes in words',
    ),
    theme: otherwise({}, record(line, line), 'variables of the style sheet: accent, surface, … and accent-dark, …'),
    stylesheet: optional(path, 'CSS that is put behind ours'),
    logo: optional(path, 'an SVG file'),
    template: optional(path, 'HTML around the pages, with {{lang}}, {{dir}}, {{title}}, {{head}} and {{content}}'),
  }
}

/** A cup of coffee, and a meeting. */
const sessionIdle = '2h'

/** A working day: the next morning begins with a login. */
const sessionLifetime = '12h'
