import type { Failure } from '@holdfast/core'
import { clientSecretHash } from '@holdfast/server'
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { type Addresses, addressesOf, loopbackAddresses } from '../deployment/addresses.ts'
import { freePorts, takenPort } from '../deployment/free-ports.ts'
import { untilStopped } from '../deployment/until-stopped.ts'
import { eventText } from '../explain/event-text.ts'
import { failureText } from '../explain/failure-text.ts'
import { followAudit } from '../explain/follow-audit.ts'
import type { DemoOptions } from '../program/demo.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { demoJson } from './demo-json.ts'
import { type DemoPerson, openDemoFolder, writeDemoFolder } from './demo-folder.ts'
import type { ApiDecision } from './sample-api.ts'
import { startDemo } from './start-demo.ts'
import { type Stage, story } from './story.ts'
import { type Step, tellHeading, tellStep } from './tell.ts'
import { tellEnding, tellOpening } from './tell-frame.ts'

/** `holdfast demo`: the story, and then everything stays up until it is stopped. */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const stopped = untilStopped()
  const addresses = await demoAddresses(options)
  const place = openDemoFolder(options.dir === undefined ? undefined : resolve(terminal.folder, options.dir))
  process.once('exit', place.close)
  const closing: (() => unknown)[] = [place.close]
  try {
    const folder = writeDemoFolder(place.path, addresses, await demoPerson())
    const seen = new ApiObserver()
    const running = await startDemo(folder, addresses, seen.decided)
    closing.push(() => running.close())
    const stage = { addresses, folder, lastRefusal: () => seen.lastRefusal }

    const halt = new AbortController()
    const played = await Promise.race([play(options, stage, halt.signal, terminal), stopped])
    if (typeof played === 'string') {
      halt.abort()
      return 3
    }
    const wentAsTold = played.every((step) => step.fault === undefined)
    if (options.json === true)
      terminal.printJson(demoJson(folder, addresses, options.once === true ? played : undefined))
    if (options.once === true || !wentAsTold) return wentAsTold ? 0 : 1

    if (options.json !== true) {
      tellEnding(options, folder, addresses, played, terminal)
      seen.tell = (line) => {
        tellLive(line, terminal)
      }
      const followed = followAudit(folder.audit, (event) => {
        tellLive(eventText(event), terminal)
      })
      closing.push(() => {
        followed.close()
      })
    }
    await stopped
    terminal.note(`\nstopped${place.temporary ? `, and ${place.path} removed` : ''}`)
    return 0
  } finally {
    for (const close of closing.toReversed()) await close()
    process.removeListener('exit', place.close)
  }
}

/** A password of this run, so that no demo that somebody finds can be logged in to. */
async function demoPerson(): Promise<DemoPerson> {
  const password = randomBytes(9).toString('base64url')
  return { username: 'ada', password, passwordHash: await clientSecretHash(password) }
}

/** Hears of every decision of the API: for the story, and later for the terminal. */
class ApiObserver {
  lastRefusal: Failure | undefined
  tell: ((line: string) => void) | undefined

  readonly decided = ({ clientId, failure }: ApiDecision): void => {
    if (failure === undefined) this.tell?.(`the API let ${clientId ?? 'somebody'} in`)
    else {
      this.lastRefusal = failure
      this.tell?.(`the API refused somebody: ${failure.reason}: ${failureText(failure)}`)
    }
  }
}

async function demoAddresses(options: DemoOptions): Promise<Addresses> {
  const loopback = loopbackAddresses()
  const count = options.style === 'subdomain' ? 1 : 3
  const port = options.port === 0 ? await freePorts(loopback, count) : options.port
  if (port === undefined) throw new CommandError('unknown', 'no free port is to be found')
  if (port + count > 65_536)
    throw new CommandError('wrong_use', `--port ${port}: the port style needs two ports above it`)
  const taken = options.port === 0 ? undefined : await takenPort(loopback, port, count)
  if (taken !== undefined)
    throw new CommandError('unknown', `port ${taken} is taken`, {
      hint: 'holdfast demo --port 0 takes a free one',
    })
  return addressesOf(options.style, port, loopback)
}

/** Plays the story and tells it. With JSON it is played only for `--once`, and in silence. */
async function play(
  options: DemoOptions,
  stage: Stage,
  halt: AbortSignal,
  terminal: Terminal,
): Promise<readonly Step[]> {
  const silent = options.json === true
  if (silent && options.once !== true) return []
  const began = performance.now()
  if (!silent) tellOpening(stage.addresses, terminal)
  const { chapters, close } = story(stage)
  const steps: Step[] = []
  try {
    for (const chapter of chapters) {
      if (!silent) tellHeading(chapter.heading, terminal)
      for (const playStep of chapter.steps) {
        const step = await playStep()
        if (halt.aborted) return steps
        steps.push(step)
        if (!silent) tellStep(step, steps.length, terminal)
      }
    }
  } finally {
    await close()
  }
  if (!silent) tellOutcome(steps, performance.now() - began, terminal)
  return steps
}

function tellOutcome(steps: readonly Step[], milliseconds: number, terminal: Terminal): void {
  const faults = steps.filter((step) => step.fault !== undefined).length
  terminal.print(
    faults === 0
      ? terminal.paint('green', `All ${steps.length} steps went as told, in ${(milliseconds / 1000).toFixed(1)} s.`)
      : terminal.paint('red', `${faults} of ${steps.length} steps did not go as told.`),
  )
}

function tellLive(line: string, terminal: Terminal): void {
  terminal.print(`    ${terminal.paint('dim', new Date().toTimeString().slice(0, 8))} ${line}`)
}
