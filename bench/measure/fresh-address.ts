import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Address } from '../load/load-plan.ts'

/** An address on which nothing listens: a socket's path in the folder, or a port of the loopback that was free just now. */
export async function freshAddress(folder: string, kind: Address['kind']): Promise<Address> {
  if (kind === 'unix') return { kind, path: join(folder, `${++sockets}.sock`) }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return { kind, host: '127.0.0.1', port }
}

let sockets = 0
