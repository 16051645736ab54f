/** Tells whether an iPAddress constraint is address and mask of one family, the mask without gaps. RFC 5280 §4.2.1.10. */
export function isIpConstraint(base: Uint8Array): boolean {
  if (base.length !== 8 && base.length !== 32) return false
  let gap = false
  for (const octet of base.subarray(base.length / 2)) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      const set = (octet & bit) !== 0
      if (set && gap) return false
      if (!set) gap = true
    }
  }
  return true
}

/** Whether an address of 4 or 16 octets lies in the network; another family never does. */
export function ipAddressWithin(address: Uint8Array, base: Uint8Array): boolean {
  if (address.length * 2 !== base.length) return false
  for (let at = 0; at < address.length; at++) {
    if (((address[at]! ^ base[at]!) & base[address.length + at]!) !== 0) return false
  }
  return true
}
