import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/**
 * Resolves `localhost` and every name below it to the loopback addresses without asking anyone. RFC 6761 §6.3.
 */
export const localhostLookup: LookupFunction = (hostname, options, callback) => {
  if (!/^(?:.+\.)?localhost\.?$/i.test(hostname)) {
    lookup(hostname, options, callback)
    return
  }
  const wanted = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0)
  const addresses = LOOPBACK.filter(({ family }) => wanted === 0 || family === wanted)
  const [first = LOOPBACK[0]] = addresses
  if (options.all === true) callback(null, addresses)
  else callback(null, first.address, first.family)
}

const LOOPBACK: [{ address: string; family: number }, { address: string; family: number }] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]
