import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'

/** A real browser, driven over the Chrome DevTools Protocol. */
export interface Chromium {
  /** A tab with cookies of its own. */
  newTab(): Promise<Tab>
}

export interface Tab {
  send<Answer = Readonly<Record<string, unknown>>>(method: string, parameters?: object): Promise<Answer>
  /** Goes there and waits until it is loaded. */
  open(url: string): Promise<void>
  /** Does something that leads to another page, and waits until that is loaded. */
  follow(act: () => Promise<unknown>): Promise<void>
  evaluate<Value>(expression: string): Promise<Value>
  url(): Promise<string>
  /** Presses a key as a keyboard does. */
  key(key: 'Tab' | 'Enter' | 'Space' | 'ShiftTab'): Promise<void>
  type(text: string): Promise<void>
  screenshot(): Promise<Buffer>
  /** What the page complained about: blocked scripts and styles, errors. */
  readonly complaints: string[]
}

/** Starts Chromium with names that lead to ports of this machine, and ends it with the test. `keys`: SHA-256 of the SPKI of servers to trust, base64. */
export async function startChromium(
  t: Pick<TestContext, 'after'>,
  names: Readonly<Record<string, number>>,
  keys: readonly string[],
): Promise<Chromium> {
  const folder = await temporaryDirectory(t)
  const rules = Object.entries(names).map(([name, port]) => `MAP ${name}:443 127.0.0.1:${port}`)
  const child = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      `--user-data-dir=${join(folder, 'profile')}`,
      `--host-resolver-rules=${rules.join(', ')}, MAP * ~NOTFOUND`,
      `--ignore-certificate-errors-spki-list=${keys.join(',')}`,
      '--remote-debugging-port=0',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const socket = await connect(child.stderr)
  return { newTab: () => newTab(socket) }
}

interface Message {
  readonly id?: number
  readonly sessionId?: string
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

interface Protocol {
  send(method: string, parameters: object, sessionId?: string): Promise<unknown>
  listen(listener: (message: Message) => void): void
}

async function connect(stderr: NodeJS.ReadableStream): Promise<Protocol> {
  let address: string | undefined
  for await (const line of createInterface({ input: stderr })) {
    address = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
    if (address !== undefined) break
  }
  if (address === undefined) throw new Error('chromium ended before it listened')
  stderr.resume()
  const socket = new WebSocket(address)
  await once(socket as never, 'open')
  const waiting = new Map<number, (message: Message) => void>()
  const listeners: ((message: Message) => void)[] = []
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id === undefined) for (const listener of listeners) listener(message)
    else waiting.get(message.id)?.(message)
  })
  return {
    listen: (listener) => void listeners.push(listener),
    send: (method, params, sessionId) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, ({ result, error }) => {
          waiting.delete(id)
          if (error === undefined) resolve(result)
          else reject(new Error(`${method}: ${error.message}`))
        })
        socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
      }),
  }
}

async function newTab(protocol: Protocol): Promise<Tab> {
  const { browserContextId } = (await protocol.send('Target.createBrowserContext', {})) as { browserContextId: string }
  const { targetId } = (await protocol.send('Target.createTarget', { url: 'about:blank', browserContextId })) as {
    targetId: string
  }
  const { sessionId } = (await protocol.send('Target.attachToTarget', { targetId, flatten: true })) as {
    sessionId: string
  }
  const complaints: string[] = []
  let loaded: (() => void) | undefined
  protocol.listen((message) => {
    if (message.sessionId !== sessionId) return
    if (message.method === 'Page.loadEventFired') loaded?.()
    if (message.method === 'Log.entryAdded') {
      const { entry } = message.params as { entry: { level: string; text: string; url?: string } }
      if (entry.level === 'error') complaints.push(`${entry.text} ${entry.url ?? ''}`)
    }
    if (message.method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(message.params))
  })
  const send: Tab['send'] = (method, parameters = {}) => protocol.send(method, parameters, sessionId) as never
  const evaluate = async <Value>(expression: string): Promise<Value> => {
    const { result, exceptionDetails } = await send<{ result: { value: Value }; exceptionDetails?: unknown }>(
      'Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true },
    )
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }
  const follow: Tab['follow'] = async (act) => {
    const there = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no page was loaded in time')), pageTimeout)
      loaded = () => {
        clearTimeout(late)
        resolve()
      }
    })
    await act()
    await there.catch(async (error: unknown) => {
      const standing = await evaluate<string>(
        '`${location.href} ${document.readyState} "${document.title}", on ${document.activeElement?.id}`',
      ).catch(String)
      throw new Error(`still at ${standing}`, { cause: error })
    })
    loaded = undefined
  }
  await send('Page.enable')
  await send('Runtime.enable')
  await send('Log.enable')
  return {
    send,
    evaluate,
    follow,
    complaints,
    open: (url) => follow(() => send('Page.navigate', { url })),
    url: () => evaluate('location.href'),
    key: async (key) => {
      const { modifiers = 0, ...pressed } = keys[key]
      await send('Input.dispatchKeyEvent', { type: 'keyDown', modifiers, ...pressed })
      await send('Input.dispatchKeyEvent', { type: 'keyUp', modifiers, ...pressed })
    },
    type: (text) => send('Input.insertText', { text }).then(() => undefined),
    screenshot: async () => {
      const { data } = await send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true })
      return Buffer.from(data, 'base64')
    },
  }
}

const keys: Readonly<
  Record<
    Parameters<Tab['key']>[0],
    {
      readonly key: string
      readonly code: string
      readonly windowsVirtualKeyCode: number
      readonly text?: string
      readonly modifiers?: number
    }
  >
> = {
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  ShiftTab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9, modifiers: 8 },
  Enter: { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  Space: { key: ' ', code: 'Space', windowsVirtualKeyCode: 32, text: ' ' },
}

/** Milliseconds; a busy machine is slow. */
const pageTimeout = 20_000
