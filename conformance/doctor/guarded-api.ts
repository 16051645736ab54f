import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { TestContext } from 'node:test'
import { createGuard } from '@holdfast/guard'
import { guarded } from '@holdfast/guard/node'

/** Starts an API with a guard that believes nginx, on a Unix socket; the issuer's keys come from the issuer itself. */
export async function startGuardedApi(
  t: TestContext,
  path: string,
  issuer: { readonly url: string; readonly socket: string },
): Promise<void> {
  const guard = createGuard({
    issuer: issuer.url,
    audience: issuer.url,
    certificate: { from: 'nginx', proof: 'unix-socket' },
    keys: { jwks: await keysOf(issuer) },
  })
  const server = createServer(guarded(guard, (_request, response) => response.end('let in')))
  server.listen({ path, readableAll: true, writableAll: true })
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
}

async function keysOf({ url, socket }: { readonly url: string; readonly socket: string }): Promise<unknown> {
  const request = get({ socketPath: socket, path: '/jwks', headers: { host: new URL(url).host } })
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return JSON.parse(text) as unknown
}
