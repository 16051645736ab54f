/** A token as it is kept, with the moment from which it is no longer handed out. */
export interface KeptToken<Token> {
  readonly token: Token
  /** Milliseconds since the epoch. */
  readonly useUntil: number
}

/**
 * Tokens by what was asked for: each is obtained once, however many ask at the same time, and kept until shortly before it
 * expires.
 */
export interface TokenCache<Token> {
  /** The kept token, or the one that `obtain` brings. A failure reaches everyone who waits, and is not kept. */
  take(key: string, obtain: () => Promise<KeptToken<Token>>): Promise<Token>
  /** Forgets the token, unless another has taken its place meanwhile. */
  drop(key: string, token: Token): void
}

/** @param now milliseconds since the epoch */
export function createTokenCache<Token>(now: () => number): TokenCache<Token> {
  const kept = new Map<string, KeptToken<Token>>()
  const inFlight = new Map<string, Promise<Token>>()
  return {
    take(key, obtain) {
      const held = kept.get(key)
      if (held !== undefined && now() < held.useUntil) return Promise.resolve(held.token)
      const running = inFlight.get(key)
      if (running !== undefined) return running
      const attempt = obtain()
        .then((obtained) => {
          if (kept.size >= MOST_TOKENS) kept.clear()
          kept.set(key, obtained)
          return obtained.token
        })
        .finally(() => inFlight.delete(key))
      inFlight.set(key, attempt)
      return attempt
    },
    drop(key, token) {
      if (kept.get(key)?.token === token) kept.delete(key)
    },
  }
}

/**
 * Until when a token is handed out: a tenth of its life before it ends, half a minute at most, so that it does not expire on
 * the way to the API.
 *
 * @param issuedAt milliseconds, taken before the request was sent
 * @param lifetime seconds; `undefined` when the server did not say
 */
export function useUntil(issuedAt: number, lifetime: number | undefined): number {
  const seconds = lifetime ?? UNSTATED_LIFETIME
  return issuedAt + (seconds - Math.min(LONGEST_MARGIN, seconds / 10)) * 1000
}

// Seconds.
const LONGEST_MARGIN = 30
// RFC 6749 §5.1 leaves it to the documentation of the server; a wrong guess costs one 401 and one renewal.
const UNSTATED_LIFETIME = 60
// Scopes and resources come from the program, not from strangers; this only stops a mistake from eating the memory.
const MOST_TOKENS = 1000
