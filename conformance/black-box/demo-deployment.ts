import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

export interface DemoClient {
  readonly client_id: string
  readonly token_endpoint_auth_method: string
  readonly cert: string
  readonly key: string
}

/** What `holdfast demo --json` prints when everything is up. */
export interface DemoDeployment {
  readonly issuer: string
  readonly mtls: string
  readonly api: string
  readonly ca: string
  readonly clients: readonly DemoClient[]
  readonly strangers: readonly { readonly cert: string; readonly key: string }[]
  readonly config: string
  readonly pid: number
}

/** Starts `holdfast demo --json` in a process of its own, on free ports, and ends it with the test. */
export async function startDemo(t: TestContext, style: 'subdomain' | 'port'): Promise<DemoDeployment> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-black-box-'))
  const bin = resolve(import.meta.dirname, '../../packages/cli/bin/holdfast.js')
  const child = spawn(process.execPath, [bin, 'demo', '--json', '--port', '0', '--style', style, '--dir', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)))
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  t.after(async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as DemoDeployment
  throw new Error(`demo --json ended without its line:\n${complaint}`)
}

/** The demo's client of one authentication method. */
export function clientOf(demo: DemoDeployment, method: string): DemoClient {
  const client = demo.clients.find((candidate) => candidate.token_endpoint_auth_method === method)
  if (client === undefined) throw new Error(`the demo has no client for ${method}`)
  return client
}
