import type { Clock } from '@holdfast/core'
import { twoGenerationMap } from '../cache/two-generation-map.ts'

/** Slows down whoever guesses passwords and codes. Per process, in bounded memory; forgets the longest unused first. */
export interface GuessLimit {
  /**
   * Takes one guess at the account from the address. Answers 0 when it may be made, else the seconds to wait. A guess counts
   * before it is checked, so that many at once are no more than many one after the other.
   */
  guess(account: string, address: string): number
  /** The guess was right: it does not count against the account. */
  right(account: string, address: string): void
}

export function createGuessLimit(clock: Clock): GuessLimit {
  const buckets = twoGenerationMap<Bucket>(maximumBuckets)
  const level = (name: string, rule: Rule): number => {
    const bucket = buckets.get(name)
    return bucket === undefined ? 0 : Math.max(0, bucket.level - (clock.now() - bucket.at) / rule.seconds)
  }
  const rulesOf = (account: string, address: string): readonly (readonly [name: string, rule: Rule])[] => {
    const network = networkOf(address)
    return [
      [`both ${network} ${account}`, perAccountAndAddress],
      [`account ${account}`, perAccount],
      [`address ${network}`, perAddress],
    ]
  }
  return {
    guess: (account, address) => {
      const rules = rulesOf(account, address)
      const waits = rules.map(([name, rule]) => Math.ceil((level(name, rule) + 1 - rule.burst) * rule.seconds))
      const wait = Math.max(...waits)
      if (wait > 0) return wait
      for (const [name, rule] of rules) buckets.set(name, { level: level(name, rule) + 1, at: clock.now() })
      return 0
    },
    right: (account, address) => {
      for (const [name, rule] of rulesOf(account, address))
        buckets.set(name, { level: Math.max(0, level(name, rule) - 1), at: clock.now() })
    },
  }
}

interface Bucket {
  readonly level: number
  readonly at: number
}

/** So many guesses at once, then one in so many seconds. */
interface Rule {
  readonly burst: number
  readonly seconds: number
}

/** Whoever has an IPv6 address has all of its /64. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const parts = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const full =
    tail === undefined
      ? parts
      : [...parts, ...Array<string>(Math.max(0, 8 - parts.length - rest.length)).fill('0'), ...rest]
  return full.slice(0, 4).join(':')
}

/** Five mistakes are human. */
const perAccountAndAddress: Rule = { burst: 5, seconds: 60 }

/** From everywhere together: far from what a good password stands, and enough that nobody is locked out by one stranger. */
const perAccount: Rule = { burst: 60, seconds: 60 }

/** A school behind one address. */
const perAddress: Rule = { burst: 100, seconds: 6 }
const maximumBuckets = 100_000
