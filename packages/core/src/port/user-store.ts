/** A person who can log in. The record is plain JSON and belongs to the login; stores only keep it. */
export interface StoredUser<User> {
  readonly subject: string
  /** Grows by one with every change. */
  readonly version: number
  readonly user: User
}

/** Ways to find a person at login: normalized user names, e-mail addresses, passkey ids, upstream subjects, certificates. */
export interface LoginKey {
  readonly kind: 'name' | 'passkey' | 'upstream' | 'certificate'
  readonly value: string
}

export interface UserStore<User> {
  find(subject: string): Promise<StoredUser<User> | undefined>
  findByLogin(key: LoginKey): Promise<StoredUser<User> | undefined>
  /**
   * Keeps the person with exactly these login keys, when the version that stands is `expected` (0: not there yet). A login key of
   * somebody else is `login_taken`. Durable and atomic.
   */
  save(
    subject: string,
    user: User,
    keys: readonly LoginKey[],
    expected: number,
  ): Promise<'saved' | 'conflict' | 'login_taken'>
  remove(subject: string): Promise<boolean>
  /** In the order of subjects, after `after`: at most `limit`. */
  list(after: string | undefined, limit: number): Promise<readonly StoredUser<User>[]>
}
