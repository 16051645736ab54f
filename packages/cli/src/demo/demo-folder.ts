import { createMasterKeyFile } from '@holdfast/server'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NameOptions } from '../cert/certificate-names.ts'
import { CommandError } from '../command-error.ts'
import type { Addresses } from '../deployment/addresses.ts'
import { configurationText } from '../deployment/configuration-text.ts'
import {
  createDevelopmentAuthority,
  type DevelopmentAuthority,
  type IssuedCertificate,
  issueSelfSigned,
} from '../deployment/development-authority.ts'
import { makeFolder } from '../deployment/make-folder.ts'
import { yaml, YamlText } from '../deployment/yaml-text.ts'
import { cast, type ClientRole } from './cast.ts'

/** Everything the demo wrote down, by absolute path. */
export interface DemoFolder {
  readonly path: string
  /** PEM: whom clients trust as server. */
  readonly ca: string
  readonly config: string
  readonly audit: string
  readonly server: CertificateFile
  readonly clients: { readonly [Role in ClientRole]: CertificateFile }
  readonly api: CertificateFile
  readonly thief: CertificateFile
  readonly stranger: CertificateFile
  readonly person: DemoPerson
}

/** Somebody who can log in. */
export interface DemoPerson {
  readonly username: string
  readonly password: string
  /** What the configuration has of the password. */
  readonly passwordHash: string
}

/** A certificate of the demo, in its files. */
export interface CertificateFile {
  readonly certificate: IssuedCertificate
  readonly cert: string
  readonly key: string
  /** How it is told to people: whose name it carries and who signed it. */
  readonly description: string
}

/**
 * Makes the place: the folder that was asked for, or a fresh temporary one.
 *
 * A folder with anything in it is taken only when an earlier demo wrote it and runs no more; then it is emptied of what
 * that demo wrote. `close` gives it free again, and removes it when it is temporary.
 */
export function openDemoFolder(dir: string | undefined): {
  readonly path: string
  readonly temporary: boolean
  close(): void
} {
  const opened = takeDemoFolder(dir)
  const inUse = join(opened.path, pidFile)
  writeFileSync(inUse, String(process.pid))
  return { ...opened, close: () => rmSync(opened.temporary ? opened.path : inUse, { recursive: true, force: true }) }
}

function takeDemoFolder(dir: string | undefined): { readonly path: string; readonly temporary: boolean } {
  if (dir === undefined) return { path: realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-demo-'))), temporary: true }
  makeFolder(dir, 0o700)
  const path = realpathSync(dir)
  const entries = readdirSync(path)
  if (entries.length === 0) return { path, temporary: false }
  const config = join(path, configFile)
  if (!existsSync(config) || !readFileSync(config, 'utf8').startsWith(marker))
    throw new CommandError('wrong_use', `${path} is not empty, and no demo wrote it`, { hint: 'name an empty folder' })
  const pid = runningDemo(path)
  if (pid !== undefined)
    throw new CommandError('wrong_use', `${path} is in use by a demo that is still running, process ${pid}`, {
      hint: 'stop it, or name another folder',
    })
  for (const entry of entries) if (ours().has(entry)) rmSync(join(path, entry))
  return { path, temporary: false }
}

/** The demo whose certificates, configuration and database these are, while it lives. */
function runningDemo(path: string): number | undefined {
  const file = join(path, pidFile)
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number.NaN
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? pid : undefined
  }
}

/** Makes all keys and certificates and writes them, with the configuration. */
export function writeDemoFolder(path: string, addresses: Addresses, person: DemoPerson): DemoFolder {
  const serverAuthority = createDevelopmentAuthority('Holdfast Demo Server CA', days)
  const partners = createDevelopmentAuthority(partnerCa, days)
  const write = (name: string, certificate: IssuedCertificate, description: string): CertificateFile => {
    const cert = join(path, `${name}.pem`)
    const key = join(path, `${name}.key`)
    writeFileSync(cert, certificate.certificatePem)
    writeFileSync(key, certificate.keyPem, { mode: 0o600 })
    return { certificate, cert, key, description }
  }
  const fromPartners = (name: string, dns: string): CertificateFile =>
    write(name, partners.issue({ dns: [dns] }, 'clientAuth', days), `${dns}, signed by ${partnerCa}`)
  const byItself = (name: string, names: NameOptions, shown: string): CertificateFile =>
    write(name, issueSelfSigned(names, days), `${shown}, signed by itself`)
  const byClientItself = (clientId: string): CertificateFile =>
    byItself(clientId, { subject: `CN=${clientId}` }, clientId)

  const clients = {
    orders: fromPartners(cast.orders.clientId, cast.orders.dns),
    meter: byClientItself(cast.meter.clientId),
    report: byClientItself(cast.report.clientId),
    kiosk: byClientItself(cast.kiosk.clientId),
  }
  const api = fromPartners(cast.api.clientId, cast.api.dns)
  const folder: DemoFolder = {
    path,
    ca: join(path, 'ca.pem'),
    config: join(path, configFile),
    audit: join(path, 'audit.jsonl'),
    server: write('server', serverCertificate(serverAuthority, addresses), 'the server'),
    clients,
    api,
    thief: fromPartners(cast.thief.file, cast.thief.dns),
    stranger: byItself(cast.stranger.file, { dns: [cast.orders.dns] }, cast.orders.dns),
    person,
  }
  writeFileSync(folder.ca, serverAuthority.certificatePem)
  writeFileSync(join(path, 'partner-ca.pem'), partners.certificatePem)
  createMasterKeyFile(join(path, 'master.key'))
  writeFileSync(folder.config, demoConfiguration(folder, addresses))
  return folder
}

function serverCertificate(authority: DevelopmentAuthority, addresses: Addresses): IssuedCertificate {
  const names = [addresses.issuer, addresses.mtls, addresses.api].map((origin) => new URL(origin).hostname)
  return authority.issue({ dns: [...new Set(names)], ip: ['127.0.0.1', '::1'] }, 'serverAuth', days)
}

function demoConfiguration(folder: DemoFolder, addresses: Addresses): string {
  return configurationText({
    opening: yaml`${new YamlText(marker)}
#
#   holdfast check --config holdfast.yaml    says what is wrong with it, all at once
#   holdfast serve --config holdfast.yaml    runs the server with it
#   holdfast config schema                   describes every key`,
    addresses,
    server: { certificate: './server.pem', key: './server.key' },
    trust: { name: 'partners', anchors: ['./partner-ca.pem'] },
    audience: addresses.api,
    clients: demoClients(folder, addresses),
    users: [
      yaml`- subject: demo-person
  username: ${folder.person.username}
  password_hash: ${folder.person.passwordHash} # ${new YamlText(folder.person.password)}
  claims: { name: Ada Lovelace, email: ada@example.com }`,
    ],
    log: './holdfast.log',
  })
}

function demoClients(folder: DemoFolder, addresses: Addresses): YamlText[] {
  const { meter, report } = folder.clients
  return [
    yaml`# Its certificate must lead to a CA of the trust, and carry exactly this DNS name.
- client_id: ${cast.orders.clientId}
  token_endpoint_auth_method: tls_client_auth
  tls_client_auth_san_dns: ${cast.orders.dns}
  trust: partners
  tls_client_certificate_bound_access_tokens: true
  grant_types: [client_credentials]
  scope: orders:read`,
    yaml`# Made its certificate itself. No CA: exactly the registered certificate counts.
- client_id: ${cast.meter.clientId}
  token_endpoint_auth_method: self_signed_tls_client_auth
  jwks: ${{ keys: [meter.certificate.jwk] }}
  tls_client_certificate_bound_access_tokens: true
  grant_types: [client_credentials]
  scope: orders:read`,
    yaml`# Proves itself with a signed statement; any certificate binds its tokens.
- client_id: ${cast.report.clientId}
  token_endpoint_auth_method: private_key_jwt
  jwks: ${{ keys: [withoutCertificate(report.certificate.jwk)] }}
  tls_client_certificate_bound_access_tokens: true
  grant_types: [client_credentials]
  scope: orders:read`,
    yaml`# Has no credential, so that anybody can have such a token; but what was issued to one cannot be used by another.
- client_id: ${cast.kiosk.clientId}
  token_endpoint_auth_method: none
  tls_client_certificate_bound_access_tokens: true
  grant_types: [client_credentials]
  dangerously_allow_public_client_credentials: true
  scope: orders:read`,
    yaml`# The API. It may ask the server about the tokens that it is given.
- client_id: ${cast.api.clientId}
  token_endpoint_auth_method: tls_client_auth
  tls_client_auth_san_dns: ${cast.api.dns}
  trust: partners
  grant_types: [client_credentials]
  introspection_audience: ${[addresses.api]}`,
  ]
}

/** For `private_key_jwt` the key counts, not the certificate that happens to have it. */
function withoutCertificate(jwk: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => member !== 'x5c'))
}

const configFile = 'holdfast.yaml'
const pidFile = 'demo.pid'
const marker = '# Written by `holdfast demo`. Its keys and certificates are for trying out, and good for 30 days.'

/** What a demo, and the server that it starts, write into the folder. */
function ours(): ReadonlySet<string> {
  const named = [...Object.values(cast).map((one) => ('clientId' in one ? one.clientId : one.file)), 'server']
  return new Set([
    configFile,
    pidFile,
    'ca.pem',
    'partner-ca.pem',
    'master.key',
    'audit.jsonl',
    'holdfast.log',
    ...['', '-wal', '-shm'].map((suffix) => `holdfast.db${suffix}`),
    ...named.flatMap((name) => [`${name}.pem`, `${name}.key`]),
  ])
}

const partnerCa = 'Partner CA'

/** Long enough to come back to a folder that was kept. */
const days = 30
