/** The store could not do what it was asked: nothing was kept, nothing was changed, later it may work again. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  readonly code: 'store_unavailable' | 'store_busy' | 'store_overloaded' | 'store_failed' | 'store_closed'

  constructor(code: StoreUnavailableError['code'], options?: { readonly cause: unknown }) {
    super(sentences[code], options)
    this.code = code
  }
}

const sentences = {
  store_unavailable: 'the database cannot be reached',
  store_busy: 'the store was held by others for too long',
  store_overloaded: 'more writes wait for the store than it can do in time',
  store_failed: 'the store refused the write',
  store_closed: 'the store is closed',
} as const
