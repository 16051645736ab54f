import { createMasterKeyFile } from '@holdfast/server'
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { addressesOf, loopbackAddresses } from '../deployment/addresses.ts'
import { configurationText } from '../deployment/configuration-text.ts'
import { createDevelopmentAuthority } from '../deployment/development-authority.ts'
import { makeFolder } from '../deployment/make-folder.ts'
import { yaml } from '../deployment/yaml-text.ts'
import type { InitOptions } from '../program/init.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast init`: a deployment that runs as it is, to be changed into one's own. Never overwrites. */
export function init(options: InitOptions, terminal: Terminal): ExitCode {
  const wanted = resolve(terminal.folder, options.dir)
  makeFolder(wanted)
  const folder = realpathSync(wanted)
  const inTheWay = names.filter((name) => existsSync(join(folder, name)))
  if (inTheWay.length > 0)
    throw new CommandError(
      'wrong_use',
      `${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'is' : 'are'} there already`,
      {
        hint: 'nothing was written; name another folder with --dir, or move the old files away',
      },
    )
  const files = deploymentFiles()
  try {
    createMasterKeyFile(join(folder, 'master.key'))
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text, { flag: 'wx', mode: name.endsWith('.key') ? 0o600 : 0o644 })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new CommandError('unknown', `nothing can be written in ${folder}: ${code ?? message}`, {
      cause,
      hint: 'name another folder with --dir',
    })
  }
  if (terminal.json) terminal.printJson({ dir: folder, config: join(folder, 'holdfast.yaml'), files: names })
  else tell(folder, terminal)
  return 0
}

function deploymentFiles(): Readonly<Record<Exclude<(typeof names)[number], 'master.key'>, string>> {
  const addresses = addressesOf('subdomain', port, loopbackAddresses())
  const authority = createDevelopmentAuthority('Holdfast Development CA', 10 * year)
  const server = authority.issue({ dns: ['localhost', 'mtls.localhost'] }, 'serverAuth', year)
  const client = authority.issue({ dns: [clientName] }, 'clientAuth', year)
  return {
    'holdfast.yaml': configurationText({
      opening: yaml`# Written by holdfast init: runs as it is on this machine.
#
#   holdfast check            says what is wrong with this file, all at once
#   holdfast serve            runs the server with it
#   holdfast config schema    describes every key
#
# To make it yours: the issuer and the hosts with your names and ports, a certificate for them in listeners, and
# the CAs of your clients in trust. The development CA (ca.pem, ca.key) is for trying out.`,
      addresses,
      server: { certificate: './server.pem', key: './server.key' },
      trust: { name: 'development', anchors: ['./ca.pem'] },
      audience: 'https://api.example.com',
      clients: [
        yaml`# The certificate must lead to a CA of the trust, and carry exactly this DNS name. Instead of san_dns: san_uri, san_ip,
# san_email or subject_dn, one of them. Without a CA: token_endpoint_auth_method self_signed_tls_client_auth, and
# certificate_thumbprints (holdfast cert thumbprint prints them).
- client_id: ${clientId}
  token_endpoint_auth_method: tls_client_auth
  tls_client_auth_san_dns: ${clientName}
  trust: development
  tls_client_certificate_bound_access_tokens: true
  grant_types: [client_credentials]
  scope: orders:read orders:write`,
      ],
      log: 'stderr',
    }),
    'ca.pem': authority.certificatePem,
    'ca.key': authority.keyPem,
    'server.pem': server.certificatePem,
    'server.key': server.keyPem,
    'first-client.pem': client.certificatePem,
    'first-client.key': client.keyPem,
  }
}

function tell(folder: string, terminal: Terminal): void {
  const place = relative(terminal.folder, folder)
  const at = (name: string): string => (place.startsWith('..') ? join(folder, name) : join(place, name))
  const config = place === '' ? '' : ` --config ${at('holdfast.yaml')}`
  terminal.print(`wrote, in ${folder}:`)
  for (const name of names) terminal.print(`  ${name.padEnd(18)}${meanings[name]}`)
  terminal.print()
  terminal.print('next:')
  terminal.print(`  holdfast check${config}`)
  terminal.print(`  holdfast serve${config}`)
  terminal.print(
    `  holdfast token https://localhost:${port} --client-id ${clientId} --cert ${at('first-client.pem')} ` +
      `--key ${at('first-client.key')} --cacert ${at('ca.pem')}`,
  )
}

const names = [
  'holdfast.yaml',
  'master.key',
  'ca.pem',
  'ca.key',
  'server.pem',
  'server.key',
  'first-client.pem',
  'first-client.key',
] as const

const meanings: { readonly [Name in (typeof names)[number]]: string } = {
  'holdfast.yaml': 'the configuration, with a comment for everything',
  'master.key': 'seals the signing keys in the store: keep it, and keep it secret',
  'ca.pem': 'a development CA',
  'ca.key': 'its key: whoever has it can be any client of this CA',
  'server.pem': 'certificate of the server, for localhost and mtls.localhost',
  'server.key': 'its key',
  'first-client.pem': 'certificate of the first client',
  'first-client.key': 'its key',
}

const clientId = 'first-client'
const clientName = 'first-client.example'
const port = 8443

/** Days. */
const year = 365
