/** Calls once per store and `count` times over, all at once; answers in the order of the calls. */
export function concurrentCalls<Store, Answer>(
  stores: readonly Store[],
  count: number,
  call: (store: Store, at: number) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: count * stores.length }, (_, at) => call(stores[at % stores.length] as Store, at)),
  )
}

/** How often each answer was given. */
export function tally(answers: readonly (string | number | boolean)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[String(answer)] = (counts[String(answer)] ?? 0) + 1
  return counts
}

/** Text that a store must neither change nor take for something else. */
export const unusualText: readonly string[] = [
  `o'brien"; --`,
  'nul\u0000inside',
  'nul',
  '%_\\',
  '\\0',
  'Zoë 𝄞 \u202e',
  '\u{10ffff}0',
  ' ',
]

/** Enough that a group commit holds several, and that a read-then-write race shows itself. */
export const concurrentCallers = 20
