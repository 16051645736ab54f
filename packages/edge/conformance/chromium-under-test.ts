import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { until } from './edge-under-test.ts'
import { pathOf, start } from './real-program.ts'

/** A browser with a profile of its own, driven by the DevTools protocol. */
export interface ChromiumUnderTest {
  /** Begins to load a page; resolves when it has loaded, never when the browser waits for a person. */
  navigate(url: string): Promise<void>
  evaluate(expression: string): Promise<unknown>
  /** Closes it in good order and gives the names of the events in its network log. */
  close(): Promise<readonly string[]>
}

export interface ChromiumOptions {
  readonly rootPem: string
  /** A certificate for the profile's store, which the browser would offer when a server asks. */
  readonly certificate?: TestCertificate
}

/** Starts Chromium so that every name below `test` is this machine. */
export async function startChromium(
  t: TestContext,
  { rootPem, certificate }: ChromiumOptions,
): Promise<ChromiumUnderTest> {
  const home = await temporaryDirectory(t)
  const store = `sql:${join(home, '.pki', 'nssdb')}`
  mkdirSync(join(home, '.pki', 'nssdb'), { recursive: true })
  writeFileSync(join(home, 'ca.pem'), rootPem)
  run('certutil', ['-d', store, '-N', '--empty-password'])
  run('certutil', ['-d', store, '-A', '-t', 'C,,', '-n', 'test-root', '-i', join(home, 'ca.pem')])
  if (certificate !== undefined) {
    const [pem, file] = [join(home, 'client.pem'), join(home, 'client.p12')]
    writeFileSync(pem, `${certificate.chainPem}${certificate.keyPem}`, { mode: 0o600 })
    run('openssl', ['pkcs12', '-export', '-in', pem, '-out', file, '-passout', 'pass:', '-name', 'client'])
    run('pk12util', ['-d', store, '-i', file, '-W', ''])
  }
  const profile = join(home, 'profile')
  const netLog = join(home, 'net-log.json')
  const chromium = start(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      `--log-net-log=${netLog}`,
      '--net-log-capture-mode=Everything',
      'about:blank',
    ],
    { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config') },
  )
  t.after(() => chromium.stop('SIGKILL'))
  const portFile = join(profile, 'DevToolsActivePort')
  await until(
    () => chromium.child.exitCode !== null || (existsSync(portFile) && readFileSync(portFile, 'utf8').includes('\n')),
    30_000,
  )
  const [port, path] = readFileSync(portFile, 'utf8').split('\n')
  const browser = await devTools(`ws://127.0.0.1:${port}${path}`)
  const { targetInfos } = (await browser.send('Target.getTargets')) as {
    targetInfos: { type: string; targetId: string }[]
  }
  const page = targetInfos.find(({ type }) => type === 'page')
  const attached = (await browser.send('Target.attachToTarget', { targetId: page?.targetId, flatten: true })) as {
    sessionId: string
  }
  const inPage = (method: string, params: object = {}): Promise<unknown> =>
    browser.send(method, params, attached.sessionId)
  await inPage('Page.enable')
  return {
    async navigate(url) {
      const loaded = browser.event('Page.loadEventFired')
      const { errorText } = (await inPage('Page.navigate', { url })) as { errorText?: string }
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`)
      await loaded
    },
    async evaluate(expression) {
      const { result } = (await inPage('Runtime.evaluate', { expression, awaitPromise: true })) as {
        result: { value?: unknown }
      }
      return result.value
    },
    async close() {
      const exited = new Promise((resolve) => chromium.child.once('exit', resolve))
      await browser.send('Browser.close')
      await exited
      return netLogEvents(readFileSync(netLog, 'utf8'))
    },
  }
}

interface DevTools {
  send(method: string, params?: object, sessionId?: string): Promise<unknown>
  event(method: string): Promise<void>
}

async function devTools(url: string): Promise<DevTools> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`no DevTools at ${url}`)))
  })
  interface Waiting {
    readonly resolve: (value: unknown) => void
    readonly reject: (error: Error) => void
  }
  const answers = new Map<number, Waiting>()
  const events = new Map<string, (() => void)[]>()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as {
      id?: number
      method?: string
      result?: unknown
      error?: { message: string }
    }
    if (message.id !== undefined) {
      const waiting = answers.get(message.id)
      answers.delete(message.id)
      if (message.error === undefined) waiting?.resolve(message.result)
      else waiting?.reject(new Error(message.error.message))
    } else if (message.method !== undefined) {
      for (const resolve of events.get(message.method) ?? []) resolve()
      events.delete(message.method)
    }
  })
  return {
    send(method, params = {}, sessionId) {
      const id = ++last
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
      return new Promise((resolve, reject) => answers.set(id, { resolve, reject }))
    },
    event: (method) => new Promise((resolve) => events.set(method, [...(events.get(method) ?? []), resolve])),
  }
}

function netLogEvents(text: string): string[] {
  interface NetLog {
    readonly constants: { readonly logEventTypes: Readonly<Record<string, number>> }
    readonly events: readonly { readonly type: number }[]
  }
  // Complete, because the browser was closed in good order.
  const { constants, events } = JSON.parse(text) as NetLog
  const names = new Map(Object.entries(constants.logEventTypes).map(([name, type]) => [type, name]))
  return events.map(({ type }) => names.get(type) ?? '')
}

function run(program: string, args: readonly string[]): void {
  execFileSync(pathOf(program) ?? program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
