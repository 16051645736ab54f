import { type Command, InvalidArgumentError, Option } from 'commander'
import { terminatorNames, type TerminatorName } from '../doctor/recognise-terminator.ts'
import { command, type CommandContext, type CommonOptions } from './command.ts'

export interface DoctorOptions extends CommonOptions {
  readonly ca?: string
  readonly tokenFile?: string
  readonly connect?: readonly string[]
  readonly terminator?: TerminatorName
  readonly timeout: number
  readonly plainHttp?: string
  readonly backend?: string
  readonly clientId?: string
  readonly cert?: string
  readonly key?: string
  readonly scope?: string
  readonly resource?: string
  readonly configFile?: string
  readonly mtlsHost?: readonly string[]
  readonly causes?: boolean
}

export function doctorCommand(context: CommandContext): Command {
  return command({
    name: 'doctor',
    summary: 'examine a live deployment from outside, or the configuration of its proxy',
    description:
      'Probes an issuer with certificates that it makes itself: who asks for one, what arrives of it, which headers can be ' +
      'forged, what sessions carry over. Each finding says what was seen, why it matters, and how to mend it on the terminator ' +
      'that it recognises. What the server sees shows only with the token that management.doctor-token-file names; without it ' +
      'some checks stay open. With --config-file it reads the configuration of nginx, HAProxy, Apache, Caddy, Traefik or Envoy ' +
      'instead. Exit 0 all good, 1 something was found, 3 nothing was found but not everything could be seen.',
    examples: [
      ['holdfast doctor https://login.example.com', 'from outside, as any client'],
      ['holdfast doctor … --token-file ./doctor-token', 'with the echo of the server'],
      ['holdfast doctor … --connect 127.0.0.1:8443', 'before the name leads there'],
      ['holdfast doctor --config-file /etc/nginx/nginx.conf', 'read the proxy’s own configuration'],
    ],
  })
    .argument('[url]', 'the issuer: an https URL')
    .option('--ca <file>', 'CA of the server, PEM (default: what the system trusts)')
    .option('--token-file <file>', 'the token of management.doctor-token-file')
    .option(
      '--connect <address>',
      'connect there: ADDRESS:PORT, or NAME:PORT:ADDRESS:PORT for one name; repeatable',
      collect,
    )
    .addOption(new Option('--terminator <name>', 'who ends TLS, where it is not recognised').choices(terminatorNames))
    .option('--timeout <seconds>', 'patience with each probe', seconds, 10)
    .option('--plain-http <address>', 'HOST:PORT where plain HTTP must be closed')
    .option('--backend <address>', 'HOST:PORT of the server behind, where no stranger may be believed')
    .option('--client-id <id>', 'a test client that is registered, to check tokens end to end')
    .option('--cert <file>', 'its certificate, PEM, chain allowed')
    .option('--key <file>', 'its private key, PEM')
    .option('--scope <scope>', 'what the test client asks for')
    .option('--resource <url>', 'an API that takes its tokens')
    .option('--config-file <file>', 'read the configuration of the proxy instead of probing')
    .option('--mtls-host <name>', 'with --config-file: the host that asks for certificates; repeatable', collect)
    .option('--causes', 'only print what can be found, and the advice for --terminator')
    .action((url: string | undefined, options: DoctorOptions) =>
      context.run(options, async (terminal) => {
        if (options.causes === true) return (await import('../doctor/print-causes.ts')).printCauses(options, terminal)
        if (options.configFile !== undefined)
          return (await import('../doctor/local/examine-config-file.ts')).examineConfigFile(url, options, terminal)
        if (url === undefined)
          throw new (await import('../command-error.ts')).CommandError('wrong_use', 'which issuer?', {
            hint: 'holdfast doctor https://login.example.com, or --config-file FILE',
          })
        return (await import('../doctor/doctor.ts')).doctor(url, options, terminal)
      }),
    )
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 300)) throw new InvalidArgumentError('seconds, up to 300')
  return value
}
