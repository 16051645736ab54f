import { proxyConfigPresets } from '@holdfast/proxy-config'
import type { Command } from 'commander'
import { command, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface ProxyConfigOptions extends CommonOptions {
  readonly config: string
  readonly listen?: readonly string[]
  readonly dir?: string
}

export function proxyConfigCommand(context: CommandContext): Command {
  return command({
    name: 'proxy-config',
    summary: 'print the configuration of the proxy in front',
    description:
      'Reads the configuration and prints what the TLS terminator in front of it must be told: hosts, who is asked for a ' +
      'certificate, the header that hands it on, every header that must be removed. The first lines say what must be true ' +
      'around it and what of it was run for real. Refuses values that could mean something in the syntax of the terminator. ' +
      'Certificates of a host are taken from `hosts.NAME.tls`, else from /etc/holdfast/tls/NAME.pem and NAME.key.',
    examples: [
      ['holdfast proxy-config nginx > holdfast.conf', 'for the http block of nginx'],
      ['holdfast proxy-config haproxy --dir ./haproxy', 'its files, written into a folder'],
      ['holdfast proxy-config caddy --json', 'names and texts of the files as JSON'],
    ],
  })
    .argument('<preset>', `the terminator: ${Object.keys(proxyConfigPresets).join(', ')}`)
    .addOption(configOption())
    .option('--listen <address>', 'where the terminator listens, repeatable (default: everywhere)', collect)
    .option('--dir <folder>', 'write the files there instead of printing them; never overwrites')
    .action((preset: string, options: ProxyConfigOptions) =>
      context.run(options, async (terminal) =>
        (await import('../proxy-config/proxy-config-command.ts')).printProxyConfig(preset, options, terminal),
      ),
    )
}

function collect(address: string, before: readonly string[] = []): readonly string[] {
  return [...before, address]
}
