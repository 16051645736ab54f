import { parseIpAddress } from '@holdfast/x509'

/** Counts handshakes that have begun and not ended. */
export interface HandshakeAdmission {
  /** Says which limit is reached, or nothing; then the handshake counts until `leave`. */
  enter(address: string): 'listener' | 'address' | undefined
  leave(address: string): void
}

/** Bounds the handshakes in flight, in total and per address; an IPv6 /64 is one address, since one customer has all of it. */
export function handshakeAdmission(most: number, mostPerAddress: number): HandshakeAdmission {
  const perAddress = new Map<string, number>()
  let total = 0
  return {
    enter(address) {
      if (total >= most) return 'listener'
      const key = network(address)
      const count = perAddress.get(key) ?? 0
      if (count >= mostPerAddress) return 'address'
      perAddress.set(key, count + 1)
      total++
      return undefined
    },
    leave(address) {
      total--
      const key = network(address)
      const count = perAddress.get(key) ?? 0
      if (count <= 1) perAddress.delete(key)
      else perAddress.set(key, count - 1)
    },
  }
}

/** RFC 4291 §2.5.4: the network part of a global unicast address has 64 bits. A zone is part of the interface. */
function network(address: string): string {
  if (!address.includes(':')) return address
  const octets = parseIpAddress(address.split('%', 1)[0] ?? '')
  return octets.ok ? Buffer.from(octets.value.subarray(0, networkBytes)).toString('hex') : address
}

const networkBytes = 8
