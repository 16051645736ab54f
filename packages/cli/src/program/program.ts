import { Command, Help, type Option } from 'commander'
import { caCommand } from '../ca/ca-command.ts'
import { certCommand } from '../cert/cert-command.ts'
import { readFileSync } from 'node:fs'
import type { Paint } from '../terminal.ts'
import { checkCommand } from './check.ts'
import type { CommandContext } from './command.ts'
import { configCommand } from './config.ts'
import { demoCommand } from './demo.ts'
import { edgeCommand } from './edge.ts'
import { explainCommand } from './explain.ts'
import { initCommand } from './init.ts'
import { keysCommand } from './keys.ts'
import { proxyConfigCommand } from './proxy-config.ts'
import { serveCommand } from './serve.ts'
import { tokenCommand } from './token.ts'

/** The whole command line, as commander knows it. What a command does is loaded when it runs. */
export function holdfastProgram(context: CommandContext, paint: Paint): Command {
  const program = new Command('holdfast')
    .description(
      'An OAuth server for client certificates: its tokens are good only in the hands of their owner (RFC 8705).',
    )
    .helpOption('-h, --help', 'show this help')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
    .configureHelp({
      styleTitle: (title) => paint('bold', title),
      subcommandTerm: (child) => child.name(),
      visibleOptions: (child) => ownOptionsFirst(Help.prototype.visibleOptions.call(new Help(), child)),
    })
    .addHelpText(
      'after',
      '\nEvery command has --help with examples, and --json.\nExit codes: 0 done, 1 the answer is no, 2 wrong use, 3 could not find out.',
    )
  program.commandsGroup('Start here:')
  program.addCommand(demoCommand(context))
  program.addCommand(initCommand(context))
  program.commandsGroup('Run:')
  program.addCommand(checkCommand(context))
  program.addCommand(serveCommand(context))
  program.addCommand(edgeCommand(context))
  program.addCommand(keysCommand(context))
  program.addCommand(configCommand(context))
  program.addCommand(proxyConfigCommand(context))
  program.commandsGroup('Certificates for development:')
  program.addCommand(caCommand(context))
  program.addCommand(certCommand(context))
  program.commandsGroup('Ask:')
  program.addCommand(tokenCommand(context))
  program.addCommand(explainCommand(context))
  return program
}

/** What all commands have stands below what one has. */
function ownOptionsFirst(options: readonly Option[]): Option[] {
  const rank = (option: Option): number => ['--json', '--quiet', '--help'].indexOf(option.long ?? '')
  return options.toSorted((a, b) => rank(a) - rank(b))
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  return manifest.version
}
