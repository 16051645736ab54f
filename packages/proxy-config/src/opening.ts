/** What stands at the top of every generated file: what it is for, what must be true around it, and what of it was ever run. */
export interface Opening {
  readonly title: string
  readonly surroundings: readonly string[]
  /** What was run for real, with versions. */
  readonly tested: readonly string[]
  /** What nobody ran. */
  readonly untested: readonly string[]
}

/** The lines of the opening comment, without comment signs. */
export function openingLines(opening: Opening): readonly string[] {
  return [
    opening.title,
    'Made by `holdfast proxy-config` from holdfast.yaml; make it anew when hosts, listeners or the proxy secret change.',
    '',
    'What must be true around it:',
    ...opening.surroundings.map((line) => `- ${line}`),
    '',
    'Run for real:',
    ...(opening.tested.length === 0 ? ['- nothing'] : opening.tested.map((line) => `- ${line}`)),
    ...(opening.untested.length === 0 ? [] : ['Not run:', ...opening.untested.map((line) => `- ${line}`)]),
  ]
}
