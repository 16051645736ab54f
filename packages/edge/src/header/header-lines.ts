import { headerSkeleton, sensitiveHeader } from './sensitive-header.ts'

/** The headers that a listener reads, lower-case; `undefined` for those that it does not. */
export interface HeaderNames {
  readonly certificate: string | undefined
  readonly chain: string | undefined
  readonly verdict: string | undefined
  readonly secret: string | undefined
  readonly clientAddress: string | undefined
  /** Sensitive names that this listener's terminator writes along, and that are passed over. */
  readonly companions: readonly string[]
}

/** Why the header lines of a request, as a set, are refused. */
export type HeaderLinesFailure =
  | {
      /**
       * `repeated`: a second line of a header that counts once. `look_alike`: a name that differs from one that counts in
       * `_`, `-` and the like only. `unexpected`: a certificate header of another terminator, or where none is read.
       */
      readonly reason: 'certificate_header_repeated' | 'certificate_header_look_alike' | 'certificate_header_unexpected'
      readonly header: string
    }
  | { readonly reason: 'headers_too_many'; readonly count: number; readonly limit: number }

/** What one pass over the raw header lines found. Written anew by each call of its reader. */
export interface HeaderLines {
  host: string | undefined
  hosts: number
  authority: string | undefined
  certificate: string | undefined
  chain: string | undefined
  verdict: string | undefined
  secret: string | undefined
  clientAddress: string | undefined
  failure: HeaderLinesFailure | undefined
}

/**
 * Makes the reader that goes over the raw header lines of a request once.
 *
 * `rawHeaders` and not `headers`: there a repeat is joined or dropped, here it is seen. The answer is reused.
 */
export function headerLines(names: HeaderNames): (rawHeaders: readonly string[]) => HeaderLines {
  const kinds = new Map<string, Kind>()
  const lines: HeaderLines = {
    host: undefined,
    hosts: 0,
    authority: undefined,
    certificate: undefined,
    chain: undefined,
    verdict: undefined,
    secret: undefined,
    clientAddress: undefined,
    failure: undefined,
  }
  const wanted = new Map<string, Kind>([
    ['host', 'host'],
    [':authority', 'authority'],
  ])
  const skeletons = new Set<string>()
  for (const kind of ['certificate', 'chain', 'verdict', 'secret', 'clientAddress'] as const) {
    const name = names[kind]
    if (name === undefined) continue
    wanted.set(name, kind)
    skeletons.add(headerSkeleton(name))
  }
  for (const name of names.companions) wanted.set(name, 'other')

  function kindOf(name: string): Kind {
    const known = kinds.get(name)
    if (known !== undefined) return known
    const kind = classify(name)
    if (kinds.size < mostSpellings && name.length <= longestSpelling) kinds.set(name, kind)
    return kind
  }

  function classify(name: string): Kind {
    const kind = wanted.get(name.toLowerCase())
    if (kind !== undefined) return kind
    const skeleton = headerSkeleton(name)
    if (skeletons.has(skeleton)) return 'look-alike'
    return sensitiveHeader(skeleton) ? 'unexpected' : 'other'
  }

  return (rawHeaders) => {
    lines.host = lines.authority = lines.certificate = lines.chain = undefined
    lines.verdict = lines.secret = lines.clientAddress = lines.failure = undefined
    lines.hosts = 0
    if (rawHeaders.length > 2 * mostLines) {
      lines.failure = { reason: 'headers_too_many', count: rawHeaders.length / 2, limit: mostLines }
      return lines
    }
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? ''
      const kind = kindOf(name)
      if (kind === 'other') continue
      const value = rawHeaders[index + 1] ?? ''
      switch (kind) {
        case 'host':
          lines.hosts++
          lines.host = value
          break
        case 'authority':
        case 'clientAddress':
          lines[kind] = value
          break
        case 'certificate':
        case 'chain':
        case 'verdict':
        case 'secret':
          if (lines[kind] !== undefined) lines.failure ??= { reason: 'certificate_header_repeated', header: name }
          lines[kind] = value
          break
        case 'look-alike':
          lines.failure ??= { reason: 'certificate_header_look_alike', header: name }
          break
        case 'unexpected':
          lines.failure ??= { reason: 'certificate_header_unexpected', header: name }
          break
      }
    }
    return lines
  }
}

type Kind =
  | 'host'
  | 'authority'
  | 'certificate'
  | 'chain'
  | 'verdict'
  | 'secret'
  | 'clientAddress'
  | 'look-alike'
  | 'unexpected'
  | 'other'

/** Ordinary requests have a dozen; proxies add as many. */
const mostLines = 200
/** Spellings of header names that are classified once; a client that invents more makes its own requests slower. */
const mostSpellings = 512
const longestSpelling = 64
