import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  certificateHeaderPresets,
  certificateHeaderReader,
  certificateHeaderSettings,
  type ClientCertificateOptions,
  headerLines,
} from '@holdfast/edge'
import type { Configuration } from '@holdfast/server'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import type { Arrived } from './arrived-certificate.ts'

/** A listener that takes certificates from a header, or a preset that was named in its place. */
interface Taking {
  readonly options: ClientCertificateOptions
  readonly settings: ReturnType<typeof certificateHeaderSettings>
}

/**
 * The certificate in header lines as a proxy sends them, read by the listener that takes this header.
 *
 * The first line has the certificate; a chain, a verdict and whatever else came may follow. `from` names a preset to read them by.
 */
export function arrivedByHeader(
  lines: readonly string[],
  configuration: Configuration | undefined,
  from: string | undefined,
  terminal: Terminal,
): Arrived {
  const headers = lines.flatMap((line) => captured(line, terminal))
  const [name] = headers[0] ?? ['']
  const lower = name.toLowerCase()
  const taken = from === undefined ? listeners(configuration) : [preset(from, lower)]
  const taking = taken.find(({ settings }) => settings.header === lower)
  if (taking === undefined) throw notTaken(lower, taken)
  const { settings } = taking
  const found = headerLines({
    certificate: settings.header,
    chain: settings.chainHeader,
    verdict: settings.verdictHeader,
    secret: undefined,
    clientAddress: undefined,
    companions: settings.format.companions,
  })(headers.flat())
  const told = `what the header ${lower} holds, read as ${settings.preset} writes it`
  if (found.failure !== undefined) return { certificate: undefined, refusal: { ...found.failure }, from: told }
  const reader = certificateHeaderReader({
    ...settings,
    verdict: found.verdict === undefined ? 'optional' : settings.verdict,
  })
  const read = reader.read({ certificate: found.certificate, chain: found.chain, verdict: found.verdict })
  if (!read.ok)
    return {
      certificate: undefined,
      refusal: { ...read.failure },
      from: told,
      hint: hintOf(found.certificate ?? '', lower, settings.preset),
    }
  if (read.value.withheld !== undefined)
    return {
      certificate: undefined,
      refusal: undefined,
      from: told,
      hint: `“${read.value.withheld}” means that the terminator had a certificate and could not hand it on: too large for it, or a variable that it does not know`,
    }
  return { certificate: read.value.certificate, refusal: undefined, from: told }
}

/** A line as people have it: from a log, from `curl -v`, in quotes, or in a file. */
function captured(line: string, terminal: Terminal): readonly (readonly [name: string, value: string])[] {
  if (line.startsWith('@')) {
    let text: string
    try {
      text = readFileSync(line === '@-' ? 0 : resolve(terminal.folder, line.slice(1)), 'utf8')
    } catch (error) {
      throw new CommandError('wrong_use', `cannot read ${line.slice(1)}`, { cause: error })
    }
    return text
      .split(/\r?\n/)
      .filter((one) => one.trim() !== '')
      .flatMap((one) => captured(one, terminal))
  }
  const plain = line.replace(/^[<>]\s+/, '').trim()
  // In quotes as a whole, and not a member of JSON.
  const quoted = /^(["'])([^"':]+:(?!\s*\1).*)\1,?$/s.exec(plain)?.[2] ?? plain
  const parts = /^("?)([A-Za-z0-9!#$%&'*+.^_`|~-]+?)"?\s*:\s?(.*)$/s.exec(quoted)
  if (parts === null)
    throw new CommandError('wrong_use', '--header takes a whole line', {
      hint: "'X-SSL-CERT: …', or @FILE with such lines",
    })
  const value = (parts[3] ?? '').trim()
  // Out of JSON, as servers that echo headers print it.
  const plainValue = parts[1] === '"' ? value.replace(/^"(.*?)",?$/s, '$1').replaceAll('\\"', '"') : value
  return [[parts[2] ?? '', plainValue]]
}

function listeners(configuration: Configuration | undefined): readonly Taking[] {
  return (configuration?.listeners ?? []).flatMap(({ clientCertificate }) => {
    if (clientCertificate === undefined) return []
    const { from, header, chainHeader, verdictHeader, verdict, xfccElement } = clientCertificate
    const options: ClientCertificateOptions = {
      ...{ from, verdict, xfccElement },
      ...(header === undefined ? {} : { header }),
      ...(chainHeader === undefined ? {} : { chainHeader }),
      ...(verdictHeader === undefined ? {} : { verdictHeader }),
    }
    return [{ options, settings: certificateHeaderSettings(options, 'client-certificate') }]
  })
}

function preset(name: string, header: string): Taking {
  const known = Object.entries(certificateHeaderPresets).find(([preset]) => preset === name)
  if (known === undefined)
    throw new CommandError('wrong_use', `no preset is called ${name}`, {
      hint: `presets are ${Object.keys(certificateHeaderPresets).join(', ')}`,
    })
  const free = known[1].headerName === 'free'
  const options: ClientCertificateOptions = {
    from: name as keyof typeof certificateHeaderPresets,
    ...(free ? { header } : {}),
  }
  return { options, settings: certificateHeaderSettings(options, 'client-certificate') }
}

function notTaken(name: string, taken: readonly Taking[]): CommandError {
  const writers = writersOf(name)
  const who = writers.length === 0 ? '' : `; ${name} is what ${writers.join(', ')} write: --from PRESET reads it so`
  return new CommandError('no', `no listener takes a certificate from the header ${name}`, {
    hint:
      taken.length === 0
        ? `no listener has client-certificate${who === '' ? '; --from PRESET reads it as that terminator writes it' : who}`
        : `taken are ${[...new Set(taken.map(({ settings }) => settings.header))].join(', ')}${who}`,
  })
}

/** Which preset would read the value, where the one that is configured does not. */
function hintOf(value: string, header: string, configured: string): string | undefined {
  const others = Object.keys(certificateHeaderPresets).filter((name) => {
    if (name === configured) return false
    const { headerName, header: own } = certificateHeaderPresets[name as keyof typeof certificateHeaderPresets]
    if (headerName === 'fixed' && own !== header) return false
    const read = certificateHeaderReader(preset(name, header).settings).read({
      ...{ certificate: value, chain: undefined, verdict: undefined },
    })
    return read.ok && read.value.certificate !== undefined
  })
  return others.length === 0
    ? undefined
    : `the value is what ${others.join(', ')} would write: is client-certificate.from right?`
}

function writersOf(header: string): readonly string[] {
  return Object.entries(certificateHeaderPresets).flatMap(([name, { header: own }]) => (own === header ? [name] : []))
}
