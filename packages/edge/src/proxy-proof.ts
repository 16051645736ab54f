import { timingSafeEqual } from 'node:crypto'
import { BlockList, isIP } from 'node:net'

/** Compares the value of a secret header with the one or two that are valid, in time that does not tell which byte differs. */
export function proxySecret(secrets: readonly string[]): (value: string) => boolean {
  const valid = secrets.map((secret) => Buffer.from(secret, 'latin1'))
  return (value) => {
    const given = Buffer.from(value, 'latin1')
    let equal = false
    for (const secret of valid) {
      // The length is no secret; both are compared whatever the first says.
      const same = given.length === secret.length && timingSafeEqual(given, secret)
      equal = equal || same
    }
    return equal
  }
}

/** Tells whether a peer's address is one of those; `undefined` when an entry is no address and no prefix. */
export function trustedAddresses(entries: readonly string[]): ((address: string) => boolean) | undefined {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const version = isIP(address)
    if (version === 0 || rest.length > 0) return undefined
    const family = version === 4 ? 'ipv4' : 'ipv6'
    if (prefix === undefined) list.addAddress(address, family)
    else if (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)) {
      list.addSubnet(address, Number(prefix), family)
    } else return undefined
  }
  return (address) => {
    const plain = plainAddress(address)
    return list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6')
  }
}

/** Writes an IPv4 address that came over an IPv6 socket as the IPv4 address it is. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
