import { BlockList, isIP } from 'node:net'

/** Judges whether a server may connect to an address that a stranger's URL led to. */
export type AddressFilter = (address: string) => boolean

/**
 * Lets only addresses of the public internet pass, and those the operator allowed (`10.1.2.3`, `10.0.0.0/8`, `::1`).
 * Throws `TypeError` for an entry that is no address or network.
 */
export function publicAddress(allowed: readonly string[]): AddressFilter {
  let blocked: BlockList | undefined
  const open = blockList(allowed)
  return (address) => {
    const family = isIP(address)
    if (family === 0) return false
    const type = family === 6 ? 'ipv6' : 'ipv4'
    return open.check(address, type) || !(blocked ??= blockList(special)).check(address, type)
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address)
    const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix)
    if (family === 0 || !Number.isInteger(bits)) throw new TypeError(`not an address or network: ${network}`)
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/**
 * The special-purpose registries of RFC 6890, and the ways in which IPv6 can hide an IPv4 address. Mapped addresses
 * (`::ffff:10.0.0.1`) are judged by the list itself as the IPv4 address that they are.
 */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]
