import { readFileSync } from 'node:fs'
import { Command, Help, type Option } from 'commander'
import type { Paint } from '../terminal.ts'
import type { CommandContext } from './command.ts'

/**
 * The command line, as commander knows it. The command that `word` names is loaded alone, and what it does when it runs; any
 * other word, or none, needs all of them.
 */
export async function holdfastProgram(
  context: CommandContext,
  paint: Paint,
  word: string | undefined,
): Promise<Command> {
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
  const named = commands.filter(({ name }) => name === word)
  const loaded = (named.length > 0 ? named : commands).map(async ({ group, load }) => ({ group, make: await load() }))
  for (const { group, make } of await Promise.all(loaded)) {
    program.commandsGroup(group)
    program.addCommand(make(context))
  }
  return program
}

const commands: readonly {
  readonly name: string
  readonly group: string
  readonly load: () => Promise<(context: CommandContext) => Command>
}[] = [
  { name: 'demo', group: 'Start here:', load: async () => (await import('./demo.ts')).demoCommand },
  { name: 'init', group: 'Start here:', load: async () => (await import('./init.ts')).initCommand },
  { name: 'check', group: 'Run:', load: async () => (await import('./check.ts')).checkCommand },
  { name: 'serve', group: 'Run:', load: async () => (await import('./serve.ts')).serveCommand },
  { name: 'edge', group: 'Run:', load: async () => (await import('./edge.ts')).edgeCommand },
  { name: 'client', group: 'Run:', load: async () => (await import('./client.ts')).clientCommand },
  { name: 'user', group: 'Run:', load: async () => (await import('./user.ts')).userCommand },
  { name: 'keys', group: 'Run:', load: async () => (await import('./keys.ts')).keysCommand },
  { name: 'migrate', group: 'Run:', load: async () => (await import('./migrate.ts')).migrateCommand },
  { name: 'backup', group: 'Run:', load: async () => (await import('./backup.ts')).backupCommand },
  { name: 'config', group: 'Run:', load: async () => (await import('./config.ts')).configCommand },
  { name: 'proxy-config', group: 'Run:', load: async () => (await import('./proxy-config.ts')).proxyConfigCommand },
  {
    name: 'ca',
    group: 'Certificates for development:',
    load: async () => (await import('../ca/ca-command.ts')).caCommand,
  },
  {
    name: 'cert',
    group: 'Certificates for development:',
    load: async () => (await import('../cert/cert-command.ts')).certCommand,
  },
  { name: 'token', group: 'Ask:', load: async () => (await import('./token.ts')).tokenCommand },
  { name: 'doctor', group: 'Ask:', load: async () => (await import('./doctor.ts')).doctorCommand },
  { name: 'explain', group: 'Ask:', load: async () => (await import('./explain.ts')).explainCommand },
]

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
