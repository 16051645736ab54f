import type { Random } from '@holdfast/core'
import type { HeaderWay } from '../http/login-ways.ts'
import type { KnownPerson, PeopleDirectory } from './people-directory.ts'
import { normalizedName } from './person.ts'

/**
 * Whom the proxy in front names in one header. The configuration sees to it that only the proxy can send it: every main host is
 * reached by a Unix socket. Two lines of the header, or one that CGI would read as the same, count as nothing.
 */
export function createHeaderLogin(
  header: string,
  unknownPeople: 'refuse' | 'add',
  people: PeopleDirectory,
  random: Random,
): HeaderWay {
  return {
    person: async (rawHeaders) => {
      const name = onlyValue(rawHeaders, header)
      if (name === undefined) return undefined
      const value = normalizedName(name)
      const known = (await people.findByLogin({ kind: 'name', value })) ?? (await added(value))
      return known?.person.disabled === true ? undefined : known
    },
  }

  async function added(name: string): Promise<KnownPerson | undefined> {
    if (unknownPeople === 'refuse' || name === '') return undefined
    const person = { userName: name, claims: {}, passkeys: [], upstream: [], certificates: [] }
    const known: KnownPerson = { subject: random.identifier(), person, source: 'store', version: 0 }
    const saved = await people.change(known, person)
    return saved === 'saved' ? people.find(known.subject) : people.findByLogin({ kind: 'name', value: name })
  }
}

function onlyValue(rawHeaders: readonly string[], header: string): string | undefined {
  const found: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (name === header) found.push(rawHeaders[index + 1] ?? '')
    else if (name.replaceAll('_', '-') === header) return undefined
  }
  const [only] = found
  return found.length === 1 && only !== '' && only !== undefined && /^[\x21-\x7e]{1,320}$/.test(only) ? only : undefined
}
