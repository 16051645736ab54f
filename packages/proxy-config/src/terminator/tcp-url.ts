import type { ProxySite } from '../proxy-deployment.ts'
import { hostPort } from '../site-group.ts'

/** Where the listener of a site is reached, in plain HTTP. */
export function tcpUrl({ upstream }: ProxySite): string {
  if (upstream.kind !== 'tcp') throw new TypeError('reached over TCP only')
  return `http://${hostPort(upstream.host, upstream.port)}`
}
