import { lookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressFilter } from './public-address.ts'

/** A look-up that the connection itself uses, so that the address that was judged is the one that is connected to. */
export function filteredLookup(mayConnect: AddressFilter): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0)
      const open = addresses.filter(({ address }) => mayConnect(address))
      const first = open[0]
      // One hidden address spoils the name: it may be a trap that answers differently the next time.
      if (first === undefined || open.length !== addresses.length) {
        const refused = addresses.find(({ address }) => !mayConnect(address))?.address ?? 'none'
        return callback(
          Object.assign(new Error('address refused'), { code: `the address ${refused} is not public` }),
          '',
          0,
        )
      }
      if (options.all === true) callback(null, open)
      else callback(null, first.address, first.family)
    })
  }
}
