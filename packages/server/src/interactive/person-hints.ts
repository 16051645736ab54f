import type { PersonHints } from '@holdfast/core'
import type { PeopleDirectory } from '../people/people-directory.ts'
import { normalizedName } from '../people/person.ts'

/** {@link PersonHints} over our people: a name or e-mail address as at login, or the identifier that stands in tokens. */
export function personHints(people: PeopleDirectory): PersonHints {
  return {
    subjectOf: async (hint) => {
      const known =
        (await people.findByLogin({ kind: 'name', value: normalizedName(hint) })) ?? (await people.find(hint))
      return known === undefined || known.person.disabled === true ? undefined : known.subject
    },
  }
}
