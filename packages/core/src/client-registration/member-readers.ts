import type { MetadataProblems } from './metadata-problem.ts'

/** The members of a client record, as registered. */
export type Members = ReadonlyMap<string, unknown>

export function textMember(members: Members, member: string, problems: MetadataProblems): string | undefined {
  const value = members.get(member)
  if (value === undefined || typeof value === 'string') return value
  return problems.add(member, 'not a string')
}

export function flagMember(members: Members, member: string, problems: MetadataProblems): boolean | undefined {
  const value = members.get(member)
  if (value === undefined || typeof value === 'boolean') return value
  return problems.add(member, 'not true or false')
}

export function choiceMember<Value extends string>(
  members: Members,
  member: string,
  values: readonly Value[],
  problems: MetadataProblems,
): Value | undefined {
  const value = members.get(member)
  if (value === undefined) return undefined
  return values.find((one) => one === value) ?? problems.add(member, 'no such value', `one of ${values.join(', ')}`)
}

/** A list of strings; every element that `problem` has something to say about is reported at its place. */
export function listMember(
  members: Members,
  member: string,
  problem: (element: string) => string | undefined,
  problems: MetadataProblems,
): readonly string[] {
  const value = members.get(member)
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    problems.add(member, 'not a list')
    return []
  }
  const known: string[] = []
  for (const [index, element] of value.entries()) {
    const wrong = typeof element === 'string' ? problem(element) : 'not a string'
    if (wrong !== undefined) problems.add(`${member}[${index}]`, wrong)
    else if (!known.includes(element as string)) known.push(element as string)
  }
  if (known.length > maximumElements) problems.add(member, `more than ${maximumElements} elements`)
  return known
}

/** An https URL without user, password and fragment. */
export function httpsUrlMember(members: Members, member: string, problems: MetadataProblems): string | undefined {
  const value = textMember(members, member, problems)
  if (value === undefined) return undefined
  const problem = httpsUrlProblem(value)
  return problem === undefined ? value : problems.add(member, problem)
}

export function httpsUrlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:') return 'not an https URL'
  if (text.includes('#')) return 'with a fragment'
  return url.username === '' && url.password === '' ? undefined : 'with a user or password'
}

/** Each is looked through at every request. */
const maximumElements = 100
