import { isDnsName } from './dns-name-constraint.ts'

/** The host of a URI with an authority, in lower case; undefined when there is none or it is no domain name. RFC 3986 §3.2. */
export function hostOfUri(uri: string): string | undefined {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri)?.[1]
  if (authority === undefined) return undefined
  const at = authority.lastIndexOf('@')
  // A reader that takes `\` for `/` finds another host before it than the one behind the `@`: what is no userinfo is no URI.
  if (!USERINFO.test(authority.slice(0, Math.max(at, 0)))) return undefined
  const host = authority.slice(at + 1).replace(/:\d*$/, '')
  if (host.startsWith('*') || !isDnsName(host) || /^[\d.]+$/.test(host)) return undefined
  return host.toLowerCase()
}

/** Tells whether a URI constraint is a host or `.domain`. RFC 5280 §4.2.1.10. */
export function isUriConstraint(base: string): boolean {
  const host = base.startsWith('.') ? base.slice(1) : base
  return !host.startsWith('*') && isDnsName(host)
}

/** Whether the host lies within `base`: the host itself, or below `.domain`. */
export function hostWithin(host: string, base: string): boolean {
  return base.startsWith('.') ? host.endsWith(base.toLowerCase()) : host === base.toLowerCase()
}

/** RFC 3986 §3.2.1. */
const USERINFO = /^(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*$/
