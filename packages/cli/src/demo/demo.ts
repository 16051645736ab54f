import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { type Addresses, addressesOf, loopbackAddresses } from '../deployment/addresses.ts'
import { freePorts, takenPort } from '../deployment/free-ports.ts'
import { untilStopped } from '../deployment/until-stopped.ts'
import type { DemoOptions } from '../program/demo.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { curlLines } from './curl-lines.ts'
import { demoJson } from './demo-json.ts'
import { type DemoFolder, openDemoFolder, writeDemoFolder } from './demo-folder.ts'
import { type RunningDemo, startDemo } from './start-demo.ts'
import { story } from './story.ts'
import { columns, type Step, tellHeading, tellStep, wrap } from './tell.ts'

/** `holdfast demo`: the story, and then everything stays up until it is stopped. */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const started = performance.now()
  const stopped = untilStopped()
  const addresses = await demoAddresses(options)
  const place = openDemoFolder(options.dir === undefined ? undefined : resolve(terminal.folder, options.dir))
  const remove = (): void => {
    if (place.temporary) rmSync(place.path, { recursive: true, force: true })
  }
  process.once('exit', remove)
  let running: RunningDemo | undefined
  try {
    const folder = writeDemoFolder(place.path, addresses)
    running = await startDemo(folder, addresses)
    const shown = await Promise.race([
      show(options, running, folder, addresses, started, terminal),
      stopped.then(() => undefined),
    ])
    if (shown === undefined || options.once === true) return shown?.exitCode ?? 3
    await stopped
    terminal.note('\nstopped' + (place.temporary ? `, and ${place.path} removed` : ''))
    return shown.exitCode
  } finally {
    await running?.close()
    remove()
    process.removeListener('exit', remove)
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

interface Shown {
  readonly exitCode: ExitCode
}

async function show(
  options: DemoOptions,
  running: RunningDemo,
  folder: DemoFolder,
  addresses: Addresses,
  started: number,
  terminal: Terminal,
): Promise<Shown> {
  if (options.json === true) {
    const steps = options.once === true ? await play(running, folder, addresses, () => undefined) : undefined
    terminal.printJson(demoJson(folder, addresses, steps))
    return { exitCode: steps?.some((step) => step.fault !== undefined) === true ? 1 : 0 }
  }
  tellOpening(addresses, terminal)
  let number = 0
  const steps = await play(running, folder, addresses, (told) => {
    if (typeof told === 'string') tellHeading(told, terminal)
    else tellStep(told, ++number, terminal)
  })
  const faults = steps.filter((step) => step.fault !== undefined).length
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  terminal.print(
    faults === 0
      ? terminal.paint('green', `All ${steps.length} steps went as told, in ${seconds} s.`)
      : terminal.paint('red', `${faults} of ${steps.length} steps did not go as told.`),
  )
  if (options.once !== true) tellEnding(options, folder, addresses, steps, terminal)
  return { exitCode: faults === 0 ? 0 : 1 }
}

async function play(
  running: RunningDemo,
  folder: DemoFolder,
  addresses: Addresses,
  tell: (told: string | Step) => void,
): Promise<readonly Step[]> {
  const told = story({ addresses, folder, lastRefusal: running.lastRefusal })
  const steps: Step[] = []
  try {
    for (const chapter of told.chapters) {
      tell(chapter.heading)
      for (const play of chapter.steps) {
        const step = await play()
        steps.push(step)
        tell(step)
      }
    }
    return steps
  } finally {
    await told.close()
  }
}

function tellOpening(addresses: Addresses, terminal: Terminal): void {
  const { width, paint } = terminal
  terminal.print()
  terminal.print(paint('bold', 'Holdfast: a token that is worth nothing to a thief'))
  terminal.print()
  terminal.print(
    wrap(
      'An access token is usually like cash: whoever holds it is let in. Here a token is tied to the certificate of the ' +
        'program that asked for it, and is taken only over a connection on which that certificate’s private key is proven. ' +
        'The token may leak; the key never travels. (This is RFC 8705.)',
      width,
    ),
  )
  terminal.print()
  terminal.print(
    columns(
      [
        ['for people', addresses.issuer, 'never asks for a certificate'],
        ['for programs', addresses.mtls, 'asks for one; here programs get their tokens'],
        ['the guarded API', `${addresses.api}/hello`, 'takes a token only from its owner'],
      ],
      '    ',
    ),
  )
  terminal.print()
  terminal.print(
    wrap(
      'What follows really happens, over TLS, on this machine, with throw-away keys. Certificates are named by the first ' +
        'characters of their fingerprint, tokens by their last. “why” is what the operator reads in the log; whoever is ' +
        'refused is not told.',
      width,
    ),
  )
  terminal.print()
}

function tellEnding(
  options: DemoOptions,
  folder: DemoFolder,
  addresses: Addresses,
  steps: readonly Step[],
  terminal: Terminal,
): void {
  const reference = steps.findLast((step) => step.reference !== undefined)?.reference ?? 'REFERENCE'
  const { paint } = terminal
  const holdfast = terminal.environment['npm_command'] === undefined ? 'holdfast' : 'npx holdfast'
  terminal.print()
  tellHeading('TRY IT YOURSELF: paste these into another terminal', terminal)
  for (const line of curlLines(folder, addresses)) {
    const status = line.status === undefined ? '' : `: ${line.status}`
    terminal.print(paint('dim', `    ${line.caption}${status}`))
    terminal.print(line.command)
    terminal.print()
  }
  tellHeading('WHERE TO GO FROM HERE', terminal)
  const config = join(folder.path, 'holdfast.yaml')
  const kept =
    options.dir === undefined
      ? [['keep the files', `${holdfast} demo --dir ./demo`] as const]
      : [['run it again', `${holdfast} serve --config ${config}`] as const]
  terminal.print(
    columns(
      [
        ['why refused', `${holdfast} explain ${reference} --config ${config}`],
        ['the configuration', `${config}, with a comment for everything`],
        ...kept,
        ['your own', `${holdfast} init`],
        ['stop', `Ctrl-C${options.dir === undefined ? '; the files in ' + folder.path + ' are removed then' : ''}`],
      ],
      '    ',
    ),
  )
}
