import type { DecoupledAuthorizationRecord } from '@holdfast/core'
import { createDeliver } from '../jwks-uri/deliver.ts'
import type { DeliveryOptions } from '../jwks-uri/deliver.ts'

/** Tells a CIBA client that waits by ping that there is a decision; never rejects, since such a client may poll as well. */
export type CibaPing = (record: DecoupledAuthorizationRecord) => Promise<'delivered' | 'failed' | 'not_wanted'>

/** Makes the sender of ping callbacks (OpenID CIBA §10.2). 204 and every other 2xx are taken as received. */
export function createCibaPing(options: DeliveryOptions): CibaPing {
  const deliver = createDeliver(options)
  return ({ notification }) => {
    if (notification === undefined) return Promise.resolve('not_wanted')
    const { endpoint, token, authReqId } = notification
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return deliver(endpoint, headers, JSON.stringify({ auth_req_id: authReqId }))
  }
}
