/** The process that `load-apart.ts` starts: reads a large configuration and writes what stands in it to standard output. */
import { readFileSync } from 'node:fs'
import { serialize } from 'node:v8'
import { configuredClients } from './configured-clients.ts'
import type { LoadedApart } from './load-apart.ts'
import { loadHere } from './load-configuration.ts'
import type { ConfigurationSource } from './load-configuration.ts'
import { packClients } from './packed-clients.ts'
import type { PackedClients } from './packed-clients.ts'

const source = JSON.parse(readFileSync(0, 'utf8')) as ConfigurationSource
let packed: PackedClients | undefined
let data: unknown
const loaded = loadHere(source, {
  take: (resolve) => {
    const resolved = resolve()
    const clients = configuredClients(resolved.map(({ client }) => client))
    packed = packClients(
      resolved.map(({ client: { clientId }, metadata }) => ({ clientId, metadata })),
      clients.summary(),
    )
    return clients
  },
  read: (document) => (data = { ...document, clients: [] }),
})
if (!loaded.ok) tell({ problems: loaded.failure.problems })
else if (packed !== undefined) {
  const { dangers, advice } = loaded.value
  tell({ data, clients: packed, dangers, advice })
}

function tell(answer: LoadedApart): void {
  process.stdout.write(serialize(answer))
}
