import { type Command, Option } from 'commander'
import { days } from '../cert/days.ts'
import { keyKinds, type Making, systemMaking } from '../cert/making.ts'
import { portNumber } from '../program/demo.ts'
import { command, type CommandContext, type CommonOptions, commandGroup } from '../program/command.ts'
import type { CaCrlOptions } from './ca-crl.ts'
import type { CaOcspOptions } from './ca-ocsp.ts'
import type { CaInitOptions } from './ca-init.ts'
import type { CaRevokeOptions } from './ca-revoke.ts'

/** `holdfast ca`: the development CA. */
export function caCommand(context: CommandContext, making: Making = systemMaking): Command {
  const init = command({
    name: 'init',
    summary: 'make a root and an intermediate that issues',
    description:
      'Makes a development CA in a folder: a root, and an intermediate that signs certificates and CRLs. Keys are readable ' +
      'by their owner alone, and not encrypted. Never overwrites a file.',
    examples: [
      ['holdfast ca init', 'into ./ca'],
      ['holdfast ca init --dir partners --name Partners', 'a second one under its own name'],
    ],
  })
    .option('--dir <folder>', 'where to write', 'ca')
    .option('--name <name>', 'what its certificates are called', 'Development')
    .addOption(new Option('--key <kind>', 'kind of its keys').choices(keyKinds).default('ec-p256'))
    .option('--days <number>', 'how long it is valid', days, 3650)
    .action((options: CaInitOptions & CommonOptions) =>
      context.run(options, async (terminal) => (await import('./ca-init.ts')).caInit(options, terminal, making)),
    )

  const revoke = command({
    name: 'revoke',
    summary: 'revoke certificates and write the CRL',
    description: 'Adds certificates of the issuing CA to its CRL, and writes that anew.',
    examples: [
      ['holdfast ca revoke acme.pem', 'revoke one'],
      ['holdfast ca revoke acme.pem --reason keyCompromise', 'and say why'],
    ],
  })
    .argument('<certificates...>', 'files, PEM or DER')
    .addOption(authorityOption())
    .addOption(new Option('--reason <reason>', 'RFC 5280 §5.3.1').choices(reasons))
    .option('--days <number>', 'how long the CRL is good', days, 7)
    .action((files: string[], options: CaRevokeOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./ca-revoke.ts')).caRevoke(files, options, terminal, making),
      ),
    )

  const crl = command({
    name: 'crl',
    summary: 'write the CRL anew, with the next number and new dates',
    examples: [
      ['holdfast ca crl', 'ca/issuing.crl, good for a week'],
      ['holdfast ca crl --days 1', 'good for a day'],
    ],
  })
    .addOption(authorityOption())
    .option('--days <number>', 'how long the CRL is good', days, 7)
    .action((options: CaCrlOptions & CommonOptions) =>
      context.run(options, async (terminal) => (await import('./ca-crl.ts')).caCrl(options, terminal, making)),
    )

  const ocsp = command({
    name: 'ocsp',
    summary: 'answer OCSP requests and hand out the CRL, on loopback',
    description:
      'Runs an OCSP responder in the name of the issuing CA until it is stopped, and serves its CRL beside it. A ' +
      'revocation counts from the next answer on.',
    examples: [
      ['holdfast ca ocsp', 'on http://127.0.0.1:8889'],
      ['holdfast cert client --dns a.example --ocsp http://127.0.0.1:8889', 'a certificate that names it'],
    ],
  })
    .addOption(authorityOption())
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', portNumber, 8889)
    .action((options: CaOcspOptions & CommonOptions) =>
      context.run(options, async (terminal) => (await import('./ca-ocsp.ts')).caOcsp(options, terminal, making)),
    )

  return commandGroup({
    name: 'ca',
    summary: 'a certification authority for development',
    examples: [
      ['holdfast ca init', 'make one in ./ca'],
      ['holdfast cert client --dns acme.example', 'have it sign a client certificate'],
      ['holdfast ca revoke acme.example.pem', 'and revoke that'],
    ],
  })
    .addCommand(init)
    .addCommand(revoke)
    .addCommand(crl)
    .addCommand(ocsp)
}

function authorityOption(): Option {
  return new Option('--dir <folder>', 'where the CA lies (default: ca, or here)')
}

const reasons = [
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
] as const
