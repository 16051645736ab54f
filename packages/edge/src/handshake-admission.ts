/** Counts handshakes that have begun and not ended. */
export interface HandshakeAdmission {
  /** Says which limit is reached, or nothing; then the handshake counts until `leave`. */
  enter(address: string): 'listener' | 'address' | undefined
  leave(address: string): void
}

/** Bounds the handshakes in flight, in total and per address. */
export function handshakeAdmission(most: number, mostPerAddress: number): HandshakeAdmission {
  const perAddress = new Map<string, number>()
  let total = 0
  return {
    enter(address) {
      if (total >= most) return 'listener'
      const count = perAddress.get(address) ?? 0
      if (count >= mostPerAddress) return 'address'
      perAddress.set(address, count + 1)
      total++
      return undefined
    },
    leave(address) {
      total--
      const count = perAddress.get(address) ?? 0
      if (count <= 1) perAddress.delete(address)
      else perAddress.set(address, count - 1)
    },
  }
}
