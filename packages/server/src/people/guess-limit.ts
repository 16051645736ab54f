import type { Clock, GuessBucket, GuessStore } from '@holdfast/core'

/** Slows down whoever guesses passwords and codes, in all processes on one store together. */
export interface GuessLimit {
  /**
   * Takes one guess at the account from the address. Answers 0 when it may be made, else the seconds to wait. A guess counts
   * before it is checked, so that many at once are no more than many one after the other.
   */
  guess(account: string, address: string): Promise<number>
  /** The guess was right: it does not count against the account. */
  right(account: string, address: string): Promise<void>
}

/**
 * `hidden` makes a name of a bucket that tells nobody whose it is: what was typed may be a password. A name that nobody has is
 * counted as one that somebody has.
 */
export function createGuessLimit(store: GuessStore, clock: Clock, hidden: (name: string) => string): GuessLimit {
  const bucketsOf = (account: string, address: string): readonly GuessBucket[] => {
    const network = networkOf(address)
    return [
      { name: hidden(`both ${network} ${account}`), ...perAccountAndAddress },
      { name: hidden(`account ${account}`), ...perAccount },
      { name: hidden(`address ${network}`), ...perAddress },
    ]
  }
  return {
    guess: (account, address) => store.take(bucketsOf(account, address), clock.now()),
    right: (account, address) => store.giveBack(bucketsOf(account, address)),
  }
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

/** So many guesses at once, then one in so many seconds. */
type Rule = Omit<GuessBucket, 'name'>

/** Five mistakes are human. */
const perAccountAndAddress: Rule = { burst: 5, seconds: 60 }

/** From everywhere together: far from what a good password stands, and enough that nobody is locked out by one stranger. */
const perAccount: Rule = { burst: 60, seconds: 60 }

/** A school behind one address. */
const perAddress: Rule = { burst: 100, seconds: 6 }
