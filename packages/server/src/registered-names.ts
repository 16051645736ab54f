import type { RegisteredClient } from '@holdfast/core'
import { readingOf } from '@holdfast/x509'

/** How the name of a client was understood: its attributes in the order of a certificate. */
export interface RegisteredNameRead {
  readonly clientId: string
  /** `C = GB`, those of one RDN joined by ` + `. */
  readonly reading: readonly string[]
}

export interface RegisteredNames {
  readonly names: readonly RegisteredNameRead[]
  /** How many there are besides. */
  readonly more: number
}

/** The names that `tls_client_auth` clients are registered by as structures, the first ones of the configuration. */
export function registeredNames(clients: readonly RegisteredClient[]): RegisteredNames {
  const names: RegisteredNameRead[] = []
  let more = 0
  for (const client of clients) {
    const { authentication, clientId } = client
    if (authentication.method !== 'tls_client_auth' || authentication.subject.kind !== 'subject_dn') continue
    if (names.length < maximumNames) names.push({ clientId, reading: nameLines(authentication.subject.name) })
    else more++
  }
  return { names, more }
}

/** One line for each RDN, in the order of a certificate. */
export function nameLines(name: Parameters<typeof readingOf>[0]): readonly string[] {
  return readingOf(name).map((rdn) => rdn.map(({ label, value }) => `${label} = ${value}`).join(' + '))
}

/** For a log that is read: who has more clients than this looks with `holdfast check`. */
const maximumNames = 20
