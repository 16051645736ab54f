/** An HTTP answer as data. `headers` has lower-case names; for equal answers it is the same frozen object. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
