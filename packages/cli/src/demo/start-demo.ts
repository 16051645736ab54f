import { createEdge } from '@holdfast/edge'
import { startServer } from '@holdfast/server'
import { readFileSync } from 'node:fs'
import { readConfigurationFile } from '../config/read-configuration.ts'
import type { Addresses } from '../deployment/addresses.ts'
import { started } from '../serve/serve.ts'
import type { DemoFolder } from './demo-folder.ts'
import { type ApiDecision, createSampleApi } from './sample-api.ts'

/** The server and the API of the demo, up. */
export interface RunningDemo {
  close(): Promise<void>
}

/**
 * Starts the server from the file that was written, as `holdfast serve` would, and the API beside it: as one more name on
 * the server's port, or in port style on a port of its own. `decided` is told of each request to the API.
 */
export async function startDemo(
  folder: DemoFolder,
  addresses: Addresses,
  decided: (decision: ApiDecision) => void,
): Promise<RunningDemo> {
  // The user's environment is for the user's server.
  const configuration = readConfigurationFile(folder.config, {})
  const api = createSampleApi(addresses, readFileSync(folder.ca, 'utf8'), decided)
  const tls = {
    role: 'mtls' as const,
    certificate: folder.server.certificate.certificatePem,
    key: folder.server.certificate.keyPem,
  }
  const serverName = new URL(addresses.api).hostname
  if (addresses.style === 'subdomain') {
    const further = { serverName, ...tls, handler: api.handler }
    const server = await started(() => startServer(configuration, { furtherHosts: [further] }), folder.config)
    return { close: () => server.close() }
  }
  const server = await started(() => startServer(configuration), folder.config)
  const edge = await started(
    () =>
      createEdge({
        listeners: addresses.loopback.map((address) => ({
          kind: 'tls',
          name: `api ${address}`,
          address: { host: address.replace(/^\[|\]$/g, ''), port: addresses.apiPort },
          names: [{ serverName, ...tls }],
        })),
        handler: api.handler,
      }),
    folder.config,
  ).catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  return {
    close: async () => {
      await Promise.all([server.close(), edge.close()])
    },
  }
}
