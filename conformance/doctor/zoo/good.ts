import type { Animal } from '../animal.ts'
import { bases } from '../backend.ts'

/** What nothing is wrong with: everything that we generate, and our own edge alone. */
export const good: readonly Animal[] = [
  ...bases.map((base): Animal => ({
    name: base === 'edge' ? 'holdfast edge in front' : `${base} as generated`,
    base,
    causes: [],
  })),
  { name: 'Holdfast alone', base: 'holdfast', causes: [] },
]
