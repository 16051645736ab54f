import { hash } from 'node:crypto'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { pemFlat } from './pem-flat.ts'
import { pemUrlencoded } from './pem-urlencoded.ts'

export interface XfccOptions {
  /**
   * Which element to take. `only`: a second element is refused, because somebody appended to what a client sent. `last`: refused
   * where names stand bare, because Envoy copies them from the certificate as they are, and `,Cert="…"` in one begins an element.
   */
  readonly element: 'only' | 'first' | 'last'
  /** `either`: percent-encoded as Envoy does it, or plain with blanks as Azure Container Apps documents it. */
  readonly pem: 'urlencoded' | 'either'
}

/**
 * Reads Envoy's `x-forwarded-client-cert`: elements by comma, pairs by semicolon, values quoted where need be.
 *
 * Takes `Cert`, or the first of `Chain`; `Hash` must be the SHA-256 of that certificate when it is there. Everything that
 * Envoy says in words (`Subject`, `URI`, `DNS`, `By`) is passed over: names are read from the certificate.
 */
export function xfcc(value: string, options: XfccOptions): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const elements = xfccElements(value)
  if (elements === undefined) return fail('xfcc_grammar')
  if (options.element === 'only' && elements.length !== 1) return fail('xfcc_several_elements')
  if (options.element === 'last' && elements.length > 1 && elements.some(hasBareNames))
    return fail('xfcc_several_elements')
  const element = options.element === 'last' ? elements.at(-1) : elements[0]
  if (element === undefined) return fail('xfcc_grammar')

  const leaf = certificatesOf(element.get('cert'), options)
  if (!leaf.ok) return leaf
  const chain = certificatesOf(element.get('chain'), options)
  if (!chain.ok) return chain
  const first = leaf.value[0] ?? chain.value[0]
  if (first === undefined) return fail('xfcc_without_certificate')
  if (leaf.value.length > 1) return fail('xfcc_grammar')
  const chainFirst = chain.value[0]
  if (chainFirst !== undefined && !Buffer.from(first).equals(chainFirst)) return fail('xfcc_chain_mismatch')
  const digest = element.get('hash')
  if (digest !== undefined && digest.toLowerCase() !== hash('sha256', first, 'hex')) return fail('xfcc_hash_mismatch')
  return ok([first, ...chain.value.slice(1)])
}

/** Alternative names of the client's certificate, which whoever made it chose. */
function hasBareNames(element: ReadonlyMap<string, string>): boolean {
  return element.has('uri') || element.has('dns')
}

function certificatesOf(
  text: string | undefined,
  options: XfccOptions,
): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  if (text === undefined || text === '') return ok([])
  return options.pem === 'either' && !text.includes('%') ? pemFlat(text) : pemUrlencoded(text)
}

/** Keys in lower case; only the last value of a key that may repeat is kept, a repeated certificate key is no element. */
function xfccElements(value: string): ReadonlyMap<string, string>[] | undefined {
  const elements: Map<string, string>[] = []
  let at = 0
  for (;;) {
    if (elements.length === mostElements) return undefined
    const element = new Map<string, string>()
    elements.push(element)
    for (;;) {
      const equals = value.indexOf('=', at)
      if (equals < 0) return undefined
      const key = value.slice(at, equals).trim().toLowerCase()
      if (!keyCharacters.test(key)) return undefined
      const read = value[equals + 1] === '"' ? quoted(value, equals + 2) : bare(value, equals + 1, bareNames.has(key))
      if (read === undefined) return undefined
      if (element.has(key) && singleKeys.has(key)) return undefined
      element.set(key, read.text)
      at = read.end
      if (at >= value.length) return elements
      const separator = value[at++]
      if (separator === ',') break
      if (separator !== ';') return undefined
    }
  }
}

function quoted(value: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = ''
  let from = start
  for (let at = start; at < value.length; at++) {
    if (value[at] === '\\' && (value[at + 1] === '"' || value[at + 1] === '\\')) {
      text += value.slice(from, at)
      from = ++at
    } else if (value[at] === '"') return { text: text + value.slice(from, at), end: at + 1 }
  }
  return undefined
}

/** A name of a certificate may have a `=` in it, as the query of a URI has: Envoy quotes it as little as any other. */
function bare(
  value: string,
  start: number,
  isName: boolean,
): { readonly text: string; readonly end: number } | undefined {
  let end = start
  while (end < value.length && value[end] !== ';' && value[end] !== ',') {
    if (value[end] === '"' || (value[end] === '=' && !isName)) return undefined
    end++
  }
  return { text: value.slice(start, end), end }
}

const keyCharacters = /^[a-z]{1,16}$/
const singleKeys: ReadonlySet<string> = new Set(['cert', 'chain', 'hash', 'subject'])
const bareNames: ReadonlySet<string> = new Set(['by', 'uri', 'dns'])
/** Proxies in a row that each append one; nobody has that many. */
const mostElements = 8
