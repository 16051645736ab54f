import { createServer } from 'node:net'

/** Whether something can listen there now. `address` may be IPv6 in brackets. */
export function isPortFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(false)
    })
    probe.listen({ host: address.replace(/^\[|\]$/g, ''), port, exclusive: true }, () => {
      probe.close(() => {
        resolve(true)
      })
    })
  })
}

/** The first of `count` consecutive ports that are free on every address; `undefined` when there are none to be found. */
export async function freePorts(addresses: readonly string[], count: number): Promise<number | undefined> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const first = await anyPort(addresses[0] ?? '127.0.0.1')
    if (first + count > 65_536) continue
    const taken = await takenPort(addresses, first, count)
    if (taken === undefined) return first
  }
  return undefined
}

/** The first of `count` consecutive ports that is not free. */
export async function takenPort(
  addresses: readonly string[],
  first: number,
  count: number,
): Promise<number | undefined> {
  for (let port = first; port < first + count; port++)
    for (const address of addresses) if (!(await isPortFree(address, port))) return port
  return undefined
}

function anyPort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host: address.replace(/^\[|\]$/g, ''), port: 0 }, () => {
      const bound = probe.address()
      probe.close(() => {
        resolve(typeof bound === 'object' && bound !== null ? bound.port : 0)
      })
    })
  })
}

/** Neighbours of a free port are nearly always free. */
const mostAttempts = 50
