import type { EpochSeconds, LoginKey } from '@holdfast/core'

/** What is kept of a person who can log in. Plain JSON. */
export interface Person {
  /** As the person writes it. */
  readonly userName?: string
  /** By the names of OpenID Connect Core §5.1, and further ones; without `sub`. */
  readonly claims: Readonly<Record<string, unknown>>
  /** argon2id in PHC form. */
  readonly passwordHash?: string
  /** RFC 6238: the key, sealed by the master key. */
  readonly totp?: { readonly sealedKey: string; readonly since: EpochSeconds }
  /** SHA-256 of the recovery codes that are left. */
  readonly recovery?: { readonly hashes: readonly string[]; readonly since: EpochSeconds }
  readonly passkeys: readonly Passkey[]
  /** By whom else the person is known, and as whom. */
  readonly upstream: readonly { readonly provider: string; readonly subject: string }[]
  /** Names by which certificates speak for the person: `email:…`, `upn:…`, `subject:…` or `x5t#S256:…`. */
  readonly certificates: readonly string[]
  readonly disabled?: true
}

/** A credential of Web Authentication. */
export interface Passkey {
  /** base64url. */
  readonly id: string
  /** COSE key, base64url. */
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  /** What the person is shown. */
  readonly name: string
  readonly since: EpochSeconds
}

/** Every way to find this person at login. */
export function loginKeys(person: Person): readonly LoginKey[] {
  const names = [person.userName, person.claims['email']].filter((name) => typeof name === 'string')
  return [
    ...[...new Set(names.map(normalizedName))].map((value) => ({ kind: 'name' as const, value })),
    ...person.passkeys.map(({ id }) => ({ kind: 'passkey' as const, value: id })),
    ...person.upstream.map((link) => ({ kind: 'upstream' as const, value: upstreamName(link) })),
    ...person.certificates.map((name) => ({ kind: 'certificate' as const, value: certificateName(name) })),
  ]
}

/** A user name as it is compared: compatibility forms, case and blanks around it do not count (RFC 8265 §3.3). */
export function normalizedName(name: string): string {
  return name.slice(0, longestName).normalize('NFKC').trim().toLowerCase()
}

/** E-mail addresses are compared without case. */
function certificateName(name: string): string {
  return name.startsWith('email:') ? name.toLowerCase() : name
}

/** Who somebody is at an upstream provider, in one text. */
export function upstreamName({ provider, subject }: { readonly provider: string; readonly subject: string }): string {
  return `${provider} ${subject}`
}

/** How the person is called on pages. */
export function displayName(person: Person, subject: string): string {
  const name = person.claims['name'] ?? person.userName ?? person.claims['email']
  return typeof name === 'string' && name !== '' ? name : subject
}

/** The length of an e-mail address (RFC 5321 §4.5.3.1). */
const longestName = 320
