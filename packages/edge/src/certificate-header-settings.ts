import type { ClientCertificateOptions } from './edge-options.ts'
import { certificateHeaderPresets } from './header/certificate-header-preset.ts'
import type { CertificateHeaderSettings } from './header/certificate-header-reader.ts'

/** Works out the one certificate header of a listener. Throws a `TypeError` that names the option at `path`. */
export function certificateHeaderSettings(options: ClientCertificateOptions, path: string): CertificateHeaderSettings {
  const named = typeof options.from === 'string'
  const format = named ? certificateHeaderPresets[options.from] : options.from
  // Not for the compiler: a configuration file may say anything.
  if ((format as unknown) === undefined)
    throw new TypeError(`${path}.from: no preset is called "${named ? options.from : ''}"`)
  const preset = named ? options.from : 'custom'
  const header = headerName(options.header ?? format.header, `${path}.header`)
  if (named && format.headerName === 'fixed' && header !== format.header) {
    throw new TypeError(`${path}.header: ${preset} always writes ${format.header}`)
  }
  const chainHeader = optionalName(options.chainHeader ?? format.chainHeader, `${path}.chainHeader`)
  if (chainHeader !== undefined && format.chainDecoder === undefined) {
    throw new TypeError(`${path}.chainHeader: ${preset} sends no chain in a header of its own`)
  }
  const verdictHeader = optionalName(options.verdictHeader ?? format.verdictHeader, `${path}.verdictHeader`)
  if (options.verdict === 'required' && verdictHeader === undefined) {
    throw new TypeError(`${path}.verdict: cannot be required, ${preset} sends none`)
  }
  const names = [header, chainHeader, verdictHeader].filter((name) => name !== undefined)
  if (new Set(names).size !== names.length) throw new TypeError(`${path}: one header has two meanings`)
  return {
    preset,
    format,
    header,
    chainHeader,
    verdictHeader,
    verdict: options.verdict ?? 'optional',
    xfccElement: options.xfccElement ?? 'only',
  }
}

/** A header name in lower case. Throws a `TypeError` that names the option at `path`. */
export function headerName(text: string, path: string): string {
  if (!token.test(text)) throw new TypeError(`${path}: "${text}" is no header name`)
  return text.toLowerCase()
}

function optionalName(text: string | undefined, path: string): string | undefined {
  return text === undefined ? undefined : headerName(text, path)
}

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
