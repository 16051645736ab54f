import { isDnsName } from './dns-name-constraint.ts'

/** Tells whether an rfc822Name is `local@host` with a host that a constraint can judge. */
export function isMailbox(email: string): boolean {
  const at = email.lastIndexOf('@')
  return at > 0 && /^[\x21-\x7e]+$/.test(email) && !email.slice(0, at).includes('@') && isHost(email.slice(at + 1))
}

/** Tells whether an rfc822Name constraint is a mailbox, a host, or `.domain`. RFC 5280 §4.2.1.10. */
export function isEmailConstraint(base: string): boolean {
  if (base.includes('@')) return isMailbox(base)
  return isHost(base.startsWith('.') ? base.slice(1) : base)
}

/** Local parts are compared exactly, hosts without case. */
export function emailWithin(email: string, base: string): boolean {
  const at = email.lastIndexOf('@')
  const host = email.slice(at + 1).toLowerCase()
  const atOfBase = base.lastIndexOf('@')
  if (atOfBase !== -1) {
    return email.slice(0, at) === base.slice(0, atOfBase) && host === base.slice(atOfBase + 1).toLowerCase()
  }
  return base.startsWith('.') ? host.endsWith(base.toLowerCase()) : host === base.toLowerCase()
}

function isHost(host: string): boolean {
  return !host.startsWith('*') && isDnsName(host)
}
