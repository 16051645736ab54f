import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { PSD2_ROLES } from '@holdfast/x509'
import { type BadCertificateKind, badCertificateKinds } from '@holdfast/x509/issue'
import { command, type CommandContext, type CommonOptions, commandGroup } from '../program/command.ts'
import type { CertClientOptions } from './cert-client.ts'
import type { CertP12Options } from './cert-p12.ts'
import type { CertRegistrationOptions } from './cert-registration.ts'
import type { CertSelfSignedOptions } from './cert-self-signed.ts'
import type { CertServerOptions } from './cert-server.ts'
import type { CertShowOptions } from './cert-show.ts'
import type { CertVerifyOptions } from './cert-verify.ts'
import { days } from './days.ts'
import { httpUri } from './http-uri.ts'
import { instant } from './instant.ts'
import { keyKinds, type Making, systemMaking } from './making.ts'

/** `holdfast cert`: makes certificates for development, and looks at any. */
export function certCommand(context: CommandContext, making: Making = systemMaking): Command {
  return commandGroup({
    name: 'cert',
    summary: 'make certificates for development, look at any',
    examples: [
      ['holdfast cert client --dns acme.example', 'a client certificate, signed by ./ca'],
      ['holdfast cert show acme.example.pem', 'what it says, and how to register it'],
      ['holdfast cert verify acme.example.pem --anchor ca/root.pem', 'who vouches for it'],
    ],
  })
    .addCommand(server(context, making))
    .addCommand(client(context, making))
    .addCommand(selfSigned(context, making))
    .addCommand(bad(context, making))
    .addCommand(jwks(context))
    .addCommand(p12(context, making))
    .addCommand(show(context, making))
    .addCommand(registration(context))
    .addCommand(thumbprint(context))
    .addCommand(verify(context, making))
}

function server(context: CommandContext, making: Making): Command {
  return withMakingOptions(
    command({
      name: 'server',
      summary: 'a server certificate for host names and addresses',
      description:
        'Has the development CA sign a server certificate. Writes NAME.pem, with the issuing CA, and NAME.key.',
      examples: [
        ['holdfast cert server login.localhost mtls.localhost 127.0.0.1', 'one for three names'],
        ["holdfast cert server '*.example.test' --out tls/server", 'a wildcard, into tls/server.pem and .key'],
      ],
    }).argument('<hosts...>', 'DNS names and IP addresses'),
    397,
  )
    .addOption(authorityOption())
    .option('--ocsp <uri>', 'OCSP responder to name in it', httpUri)
    .option('--crl <uri>', 'CRL to name in it', httpUri)
    .action((hosts: string[], options: CertServerOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-server.ts')).certServer(hosts, options, terminal, making),
      ),
    )
}

function client(context: CommandContext, making: Making): Command {
  return withNameOptions(
    withMakingOptions(
      command({
        name: 'client',
        summary: 'a client certificate, for tls_client_auth',
        description:
          'Has the development CA sign a client certificate with any number of names, and says how a client is registered ' +
          'with it. Writes NAME.pem, with the issuing CA, and NAME.key.',
        examples: [
          ['holdfast cert client --dns acme.example', 'acme.example.pem and acme.example.key'],
          ["holdfast cert client --subject 'CN=acme,O=Acme Ltd,C=DE'", 'told apart by its subject'],
          ['holdfast cert client --uri spiffe://acme.example/billing --out billing', 'a SPIFFE ID'],
          ['holdfast cert client --ip 192.0.2.7 --email ops@acme.example', 'the other kinds'],
          ['holdfast cert client --dns tpp.example --psd2-role PSP_AI --psd2-authority GB-FCA', 'as a QWAC has it'],
        ],
      }),
      365,
    ),
  )
    .addOption(authorityOption())
    .addOption(
      repeatable('--psd2-role <role>', `PSD2 role that it states: ${PSD2_ROLES.join(', ')}; repeatable`, PSD2_ROLES),
    )
    .option('--psd2-authority <id>', 'competent authority that gave the role, with its name behind a colon')
    .option('--ocsp <uri>', 'OCSP responder to name in it', httpUri)
    .option('--crl <uri>', 'CRL to name in it', httpUri)
    .action((options: CertClientOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-client.ts')).certClient(options, terminal, making),
      ),
    )
}

function selfSigned(context: CommandContext, making: Making): Command {
  return withNameOptions(
    withMakingOptions(
      command({
        name: 'self-signed',
        summary: 'a certificate that signs itself, for self_signed_tls_client_auth',
        description:
          'Makes a client certificate without a CA. The server then takes exactly this one: by its thumbprint, or by a JWK ' +
          'Set (see holdfast cert jwks).',
        examples: [
          ["holdfast cert self-signed --subject 'CN=meter-7'", 'meter-7.pem and meter-7.key'],
          ['holdfast cert self-signed --dns meter.example --key ed25519', 'on another kind of key'],
        ],
      }),
      365,
    ),
  ).action((options: CertSelfSignedOptions & CommonOptions) =>
    context.run(options, async (terminal) =>
      (await import('./cert-self-signed.ts')).certSelfSigned(options, terminal, making),
    ),
  )
}

function bad(context: CommandContext, making: Making): Command {
  const kinds = Object.entries(badCertificateKinds)
  const width = Math.max(...kinds.map(([kind]) => kind.length))
  return withNameOptions(
    withMakingOptions(
      command({
        name: 'bad',
        summary: 'a client certificate that must be refused',
        description: 'Has the development CA make a client certificate with one fault, to see it refused.',
        examples: [
          ['holdfast cert bad expired', 'bad-expired.pem and bad-expired.key'],
          ['holdfast cert bad wrong-ca --dns acme.example', 'an impostor with the names of another'],
        ],
      })
        .addArgument(new Argument('<kind>', 'what is wrong with it').choices(kinds.map(([kind]) => kind)))
        .addHelpText(
          'after',
          `\nKinds:\n${kinds.map(([kind, fault]) => `  ${kind.padEnd(width)}  ${fault}`).join('\n')}`,
        ),
      365,
    ),
  )
    .addOption(authorityOption())
    .option('--ocsp <uri>', 'OCSP responder to name in it', httpUri)
    .option('--crl <uri>', 'CRL to name in it', httpUri)
    .action((kind: BadCertificateKind, options: CertClientOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-bad.ts')).certBad(kind, options, terminal, making),
      ),
    )
}

function jwks(context: CommandContext): Command {
  return command({
    name: 'jwks',
    summary: 'a JWK Set with x5c, as self_signed_tls_client_auth registers it',
    examples: [
      ['holdfast cert jwks meter-7.pem', 'the key and certificate of one client'],
      ['holdfast cert jwks old.pem new.pem > jwks.json', 'two at once, for the change from one to the other'],
    ],
  })
    .argument('<certificates...>', 'files, PEM or DER')
    .action((files: string[], options: CommonOptions) =>
      context.run(options, async (terminal) => (await import('./cert-jwks.ts')).certJwks(files, terminal)),
    )
}

function p12(context: CommandContext, making: Making): Command {
  return command({
    name: 'p12',
    summary: 'a PKCS#12 file for browsers, Java and Windows',
    description:
      'Packs a certificate with its chain and key (AES-256, PBKDF2, HMAC-SHA-256). The password is the first line of ' +
      '--password-file, or HOLDFAST_P12_PASSWORD; without either one is made up and printed.',
    examples: [
      ['holdfast cert p12 acme.pem acme.key', 'acme.p12 with a new password'],
      ['holdfast cert p12 acme.pem acme.key --password-file secret.txt', 'with your own'],
    ],
  })
    .argument('<certificate>', 'PEM, chain allowed')
    .argument('<key>', 'PEM, not encrypted')
    .option('--out <file>', 'where to write (default: the name of the certificate with .p12)')
    .option('--name <name>', 'what key stores call the entry (default: the name of the certificate)')
    .option('--password-file <file>', 'its first line is the password')
    .action((certificate: string, key: string, options: CertP12Options & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-p12.ts')).certP12(certificate, key, options, terminal, making),
      ),
    )
}

function show(context: CommandContext, making: Making): Command {
  return command({
    name: 'show',
    summary: 'what a certificate says, and how a client is registered with it',
    examples: [
      ['holdfast cert show acme.pem', 'every certificate of the file'],
      ['holdfast cert show acme.pem --json', 'the same as JSON'],
    ],
  })
    .argument('<certificate>', 'PEM or DER')
    .option('--at <time>', 'count the days from this time, ISO 8601 (default: now)', instant)
    .action((file: string, options: CertShowOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-show.ts')).certShow(file, options, terminal, making),
      ),
    )
}

function registration(context: CommandContext): Command {
  return command({
    name: 'registration',
    summary: 'the records by which a client with this certificate can be registered',
    description:
      'Shows how the server reads the subject, attribute by attribute, and prints a record for each way to register a client ' +
      'with the certificate, ready for holdfast.yaml. With --name it tells whether a name is the subject of the certificate, ' +
      'and what to write if it is not: exit 0 when it is, 1 when it is not.',
    examples: [
      [
        'holdfast cert registration acme.pem --client-id acme --trust partners',
        'every way, one of which is to be chosen',
      ],
      ["holdfast cert registration acme.pem --name 'C=DE,O=Acme Ltd,CN=acme'", 'a name that came by mail'],
    ],
  })
    .argument('<certificate>', 'PEM or DER')
    .option('--client-id <id>', 'the client (default: after the first name)')
    .option('--trust <name>', 'the trust that vouches for its CA', 'partners')
    .option('--name <name>', 'a subject in RFC 4514 text, to be compared')
    .action((file: string, options: CertRegistrationOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-registration.ts')).certRegistration(file, options, terminal),
      ),
    )
}

function thumbprint(context: CommandContext): Command {
  return command({
    name: 'thumbprint',
    summary: 'the thumbprint x5t#S256 that tokens carry',
    examples: [['holdfast cert thumbprint acme.pem', 'of the first certificate of the file']],
  })
    .argument('<certificates...>', 'files, PEM or DER')
    .action((files: string[], options: CommonOptions) =>
      context.run(options, async (terminal) => (await import('./cert-thumbprint.ts')).certThumbprint(files, terminal)),
    )
}

function verify(context: CommandContext, making: Making): Command {
  return command({
    name: 'verify',
    summary: 'whether anchors vouch for a certificate, and by which path',
    description:
      'Builds and validates the path as the server does (RFC 5280 §6), without revocation. When there is none, shows the ' +
      'search as a tree, and which rule ended it. Exit 0 when the certificate is valid, 1 when it is not.',
    examples: [
      ['holdfast cert verify acme.pem --anchor ca/root.pem', 'a chain in one file'],
      ['holdfast cert verify leaf.pem --anchor ca/root.pem --intermediate ca/issuing.pem', 'a leaf alone'],
      ['holdfast cert verify acme.pem --anchor ca/root.pem --at 2030-01-01', 'at another time'],
    ],
  })
    .argument('<certificate>', 'PEM or DER; further certificates in the file are used as intermediates')
    .addOption(repeatable('--anchor <file>', 'CA that is trusted; repeatable').makeOptionMandatory())
    .addOption(repeatable('--intermediate <file>', 'CA that is known, and not trusted by itself; repeatable'))
    .addOption(
      new Option('--purpose <purpose>', 'what it is to be used for').choices(['client', 'server']).default('client'),
    )
    .addOption(
      new Option('--profile <profile>', 'how closely RFC 5280 is read')
        .choices(['interop', 'strict'])
        .default('interop'),
    )
    .option('--at <time>', 'decide as of this time, ISO 8601 (default: now)', instant)
    .option('--trace', 'show the search also when it succeeds')
    .action((file: string, options: CertVerifyOptions & CommonOptions) =>
      context.run(options, async (terminal) =>
        (await import('./cert-verify.ts')).certVerify(file, options, terminal, making),
      ),
    )
}

/** The options of every command that makes a certificate. */
function withMakingOptions(made: Command, lifetime: number): Command {
  return made
    .option('--out <name>', 'write NAME.pem and NAME.key (default: after the first name)')
    .addOption(new Option('--key <kind>', 'kind of its key').choices(keyKinds).default('ec-p256'))
    .option('--days <number>', 'how long it is valid', days, lifetime)
    .option('--not-before <time>', 'valid from, ISO 8601 (default: now)', instant)
    .option('--not-after <time>', 'valid until, ISO 8601', instant)
}

/** The options of every command that names a client. */
function withNameOptions(named: Command): Command {
  return named
    .addOption(repeatable('--dns <name>', 'DNS name; repeatable'))
    .addOption(repeatable('--uri <uri>', 'URI, such as a SPIFFE ID; repeatable'))
    .addOption(repeatable('--ip <address>', 'IP address; repeatable'))
    .addOption(repeatable('--email <address>', 'e-mail address; repeatable'))
    .option('--subject <name>', 'subject, RFC 4514 (default: CN= and the first name)')
}

function repeatable(flags: string, description: string, choices?: readonly string[]): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] | undefined) => {
    if (choices?.includes(value) === false) throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`)
    return [...(before ?? []), value]
  })
}

function authorityOption(): Option {
  return new Option('--ca <folder>', 'where the development CA lies (default: ca, or here)')
}
