/** The database is not one that this version may use. Thrown at start, never later. */
export class StoreSchemaError extends Error {
  override readonly name = 'StoreSchemaError'
  readonly code: 'store_newer' | 'store_older' | 'store_foreign'

  constructor(code: StoreSchemaError['code'], message: string) {
    super(message)
    this.code = code
  }
}
