import type { Command } from 'commander'
import { command, commandGroup, type CommandContext, type CommonOptions } from './command.ts'

export function configCommand(context: CommandContext): Command {
  const schema = command({
    name: 'schema',
    summary: 'print the JSON Schema of holdfast.yaml, for editors',
    examples: [['holdfast config schema > holdfast.schema.json', 'then name it in a "# yaml-language-server" line']],
  }).action((options: CommonOptions) =>
    context.run(options, async (terminal) => (await import('../config/config-schema.ts')).configSchema(terminal)),
  )
  return commandGroup({
    name: 'config',
    summary: 'facts about the configuration file',
    examples: [['holdfast config schema', 'print its JSON Schema']],
  }).addCommand(schema)
}
