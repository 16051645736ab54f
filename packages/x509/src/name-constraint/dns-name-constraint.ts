/** Tells whether a dNSName has the syntax that a constraint can judge: labels of letters, digits, `-` and `_`, perhaps `*.` before. */
export function isDnsName(name: string): boolean {
  if (name.length === 0 || name.length > 253) return false
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.')
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
}

/** Tells whether a DNS constraint is well formed: a host name, or empty for all names. RFC 5280 §4.2.1.10. */
export function isDnsConstraint(base: string): boolean {
  return base === '' || (!base.startsWith('*') && isDnsName(base))
}

/** Whether every host that `name` stands for lies within `base`. */
export function dnsNameWithin(name: string, base: string): boolean {
  if (base === '') return true
  const host = name.toLowerCase()
  const domain = base.toLowerCase()
  return host === domain || host.endsWith(`.${domain}`)
}

/** Whether some host that `name` stands for lies within `base`: a wildcard also covers a base one label below it. */
export function dnsNameTouches(name: string, base: string): boolean {
  if (dnsNameWithin(name, base)) return true
  if (!name.startsWith('*.')) return false
  const parent = name.slice(2).toLowerCase()
  const domain = base.toLowerCase()
  return domain.endsWith(`.${parent}`) && !domain.slice(0, -parent.length - 1).includes('.')
}
