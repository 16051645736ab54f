import { isIP } from 'node:net'
import type { ListenAddress } from './configuration.ts'

/** `HOST:PORT`, `[IPV6]:PORT`, `:PORT` or `unix:/path`; `undefined` for anything else. */
export function listenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    return path === '' || path.includes('\0') ? undefined : { kind: 'unix', path }
  }
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):([0-9]{1,5})$/.exec(text)
  const port = Number(parts?.[3] ?? Number.NaN)
  if (parts === null || !(port <= 65_535)) return undefined
  const [, ipv6, name] = parts
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? { kind: 'tcp', host: ipv6, port } : undefined
  return { kind: 'tcp', host: name === undefined || name === '' ? '::' : name, port }
}
