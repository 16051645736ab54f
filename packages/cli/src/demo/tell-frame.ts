import { join } from 'node:path'
import type { Addresses } from '../deployment/addresses.ts'
import type { DemoOptions } from '../program/demo.ts'
import type { Terminal } from '../terminal.ts'
import { curlLines } from './curl-lines.ts'
import type { DemoFolder } from './demo-folder.ts'
import { columns, type Step, tellHeading, wrap } from './tell.ts'

/** What a person needs to know before the story. */
export function tellOpening(addresses: Addresses, terminal: Terminal): void {
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

/** What to do after the story. */
export function tellEnding(
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
        ['in a browser', `${addresses.issuer}/account: log in as ${folder.person.username}, ${folder.person.password}`],
        ['why refused', `${holdfast} explain ${reference} --config ${config}`],
        ['the configuration', `${config}, with a comment for everything`],
        ...kept,
        ['your own', `${holdfast} init`],
        ['stop', `Ctrl-C${options.dir === undefined ? '; the files in ' + folder.path + ' are removed then' : ''}`],
      ],
      '    ',
    ),
  )
  terminal.print()
  tellHeading('WHAT YOU DO SHOWS UP HERE, as the operator sees it', terminal)
}
