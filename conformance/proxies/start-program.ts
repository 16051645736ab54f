import { type ChildProcess, spawn } from 'node:child_process'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { TestContext } from 'node:test'

/** A program that runs until the test ends, with the last of what it said. */
export type Program = ChildProcess & { complaint: string }

export function startProgram(
  t: TestContext,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = Object.assign(
    spawn(command, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, ...environment },
    }),
    { complaint: '' },
  )
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (child.complaint = (child.complaint + chunk.toString()).slice(-4000)))
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  t.after(async () => {
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(patience)
  })
  return child
}

/** Waits until a program is ready; throws what it said when it ends before, or does not get there. */
export async function untilReady(
  ready: () => boolean | Promise<boolean>,
  program: Program,
  name: string,
): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await ready()) return
    if (program.exitCode !== null) break
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${name} did not come up:\n${program.complaint}`)
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}

/** Whether somebody takes connections on a port. */
export async function listensOn(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((done) => {
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}
