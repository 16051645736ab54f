import { createDeliver } from '../jwks-uri/deliver.ts'
import type { DeliveryOptions } from '../jwks-uri/deliver.ts'

/** Posts a form to an address that a client registered; whether a 2xx came back. Never rejects. */
export type PostForm = (uri: string, form: Readonly<Record<string, string>>) => Promise<'delivered' | 'failed'>

export function createPostForm(options: DeliveryOptions): PostForm {
  const deliver = createDeliver(options)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return (uri, form) => deliver(uri, headers, new URLSearchParams(form).toString())
}
