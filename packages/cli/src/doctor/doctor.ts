import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { systemMaking } from '../cert/making.ts'
import { CommandError } from '../command-error.ts'
import type { DoctorOptions } from '../program/doctor.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { diagnose, type Diagnosis } from './diagnose.ts'
import { examine, type Target } from './examine.ts'
import type { TestClient } from './gather/gather-tokens.ts'
import type { Reach } from './probe/open-connection.ts'
import { printReport } from './report-text.ts'

/** `holdfast doctor URL`: probes a deployment from outside, and says what is wrong and how to mend it. */
export async function doctor(url: string, options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const target = targetOf(url, options, terminal)
  terminal.note(`examining ${target.url.host} with throw-away certificates`)
  const evidence = await terminal.progress('probing', examine(target, systemMaking))
  if (evidence.echo === 'refuses')
    terminal.note('the server does not know the token, or its time is over: management.doctor-token-file')
  if (evidence.echo === 'main_only')
    terminal.note(
      `${evidence.deployment.mtls?.authority ?? ''} does not know the token that ${target.url.host} knows: another server is there, or Authorization does not arrive`,
    )
  const diagnosis = diagnose(evidence, options.terminator)
  if (terminal.json) terminal.printJson(reportJson(diagnosis))
  else printReport(diagnosis, terminal)
  return exitCodes[diagnosis.outcome]
}

function reportJson(diagnosis: Diagnosis): unknown {
  return {
    issuer: diagnosis.issuer,
    certificate_host: diagnosis.mtls ?? null,
    terminator: diagnosis.terminator,
    outcome: diagnosis.outcome,
    checks: diagnosis.checks,
    findings: diagnosis.findings,
  }
}

function targetOf(text: string, options: DoctorOptions, terminal: Terminal): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:')
    throw new CommandError('wrong_use', `${text} is no https URL`, {
      hint: 'name the issuer, such as https://login.example.com',
    })
  if (options.backend !== undefined && options.tokenFile === undefined)
    throw new CommandError('wrong_use', '--backend needs --token-file: only the echo shows what is believed there')
  const read = (file: string): string => readText(resolve(terminal.folder, file))
  const token = options.tokenFile === undefined ? undefined : read(options.tokenFile).trim()
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new CommandError('wrong_use', `${options.tokenFile ?? ''} holds no token`, { hint: 'one line, no blanks' })
  const reach: Reach = {
    ...addressing(options.connect ?? []),
    ca: options.ca === undefined ? undefined : [read(options.ca)],
    timeout: options.timeout * 1000,
  }
  return {
    ...{ url, reach, token },
    client: clientOf(options, read),
    plainHttp: options.plainHttp === undefined ? undefined : hostAndPort(options.plainHttp, '--plain-http'),
    backend: options.backend === undefined ? undefined : hostAndPort(options.backend, '--backend'),
  }
}

function clientOf(options: DoctorOptions, read: (file: string) => string): TestClient | undefined {
  const { clientId, cert, key } = options
  const given = [clientId, cert, key].filter((option) => option !== undefined)
  if (given.length === 0) {
    if (options.resource !== undefined)
      throw new CommandError('wrong_use', '--resource needs a test client: --client-id, --cert and --key')
    return undefined
  }
  if (clientId === undefined || cert === undefined || key === undefined)
    throw new CommandError('wrong_use', 'a test client needs --client-id, --cert and --key')
  const resource = options.resource
  if (resource !== undefined && (!URL.canParse(resource) || new URL(resource).protocol !== 'https:'))
    throw new CommandError('wrong_use', `${resource} is no https URL`)
  return {
    clientId,
    certificate: { chainPem: read(cert), keyPem: read(key) },
    scope: options.scope,
    resource: resource === undefined ? undefined : new URL(resource),
  }
}

/** `ADDRESS:PORT` for everything, or `NAME:PORT:ADDRESS:PORT` for one; names below localhost are this machine (RFC 6761 §6.3). */
function addressing(connect: readonly string[]): Pick<Reach, 'address' | 'addresses'> {
  const particular = new Map<string, { readonly host: string; readonly port: number }[]>()
  let general: { readonly host: string; readonly port: number } | undefined
  for (const text of connect) {
    const parts = /^(?:([^:]+|\[[^\]]+\]):(\d+):)?((?:[^:[\]]+|\[[^\]]+\]):\d+)$/.exec(text)
    if (parts === null)
      throw new CommandError('wrong_use', `--connect ${text} is neither ADDRESS:PORT nor NAME:PORT:ADDRESS:PORT`)
    const to = hostAndPort(parts[3] ?? '', '--connect')
    if (parts[1] === undefined) general = to
    else {
      const key = `${parts[1].toLowerCase()}:${parts[2] ?? ''}`
      particular.set(key, [...(particular.get(key) ?? []), to])
    }
  }
  const told = (name: string, port: number): readonly { readonly host: string; readonly port: number }[] =>
    particular.get(`${name.toLowerCase()}:${port}`) ?? (general === undefined ? [] : [general])
  const local = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost')
  return {
    address: (name, port) =>
      told(name, port)[0] ?? { host: name.endsWith('.localhost') ? '127.0.0.1' : name.replace(/^\[|\]$/g, ''), port },
    addresses: async (name, port) => {
      const given = told(name, port)
      if (given.length > 0) return given
      if (local(name)) return ['127.0.0.1', '::1'].map((host) => ({ host, port }))
      const bare = name.replace(/^\[|\]$/g, '')
      const found = isIP(bare) === 0 ? await lookup(bare, { all: true }).catch(() => []) : []
      return found.slice(0, mostAddresses).map(({ address }) => ({ host: address, port }))
    },
  }
}

function hostAndPort(text: string, option: string): { readonly host: string; readonly port: number } {
  const parts = /^([^:[\]]+|\[[^\]]+\]):(\d{1,5})$/.exec(text)
  if (parts === null) throw new CommandError('wrong_use', `${option} ${text} is not HOST:PORT`)
  return { host: (parts[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(parts[2]) }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CommandError('wrong_use', `cannot read ${path}`, { cause: error })
  }
}

/** Of a name that leads to a whole network. */
const mostAddresses = 8
const exitCodes = { good: 0, findings: 1, unknown: 3 } as const satisfies Record<Diagnosis['outcome'], ExitCode>
