import { fail, ok } from '@holdfast/x509'
import type { PresentedCertificate } from '@holdfast/core'
import type { Result } from '@holdfast/x509'
import { presentedCertificate } from '../presented-certificate.ts'
import { twoGenerationMap } from '../two-generation-map.ts'
import { base64Der } from './base64-der.ts'
import { base64DerList, base64DerListUrlencoded } from './base64-der-list.ts'
import { mostCertificates } from './certificate-decoder.ts'
import type { CertificateDecoder, CertificateHeaderSyntaxFailure } from './certificate-decoder.ts'
import type { CertificateDecoderName, CertificateHeaderPreset } from './certificate-header-preset.ts'
import { derConcat } from './der-concat.ts'
import { pemFlat } from './pem-flat.ts'
import { pemUrlencoded } from './pem-urlencoded.ts'
import { rfc9440, rfc9440Chain } from './rfc9440.ts'
import { xfcc } from './xfcc.ts'

/** The one header by which a listener learns of certificates. Names are lower-case. */
export interface CertificateHeaderSettings {
  /** Name of the preset, for explanations. */
  readonly preset: string
  readonly format: CertificateHeaderPreset
  readonly header: string
  readonly chainHeader: string | undefined
  readonly verdictHeader: string | undefined
  /** `required`: a request without a verdict is refused, because a client can make a header vanish (`Connection:`). */
  readonly verdict: 'required' | 'optional'
  /** Which element of an `x-forwarded-client-cert` counts. */
  readonly xfccElement: 'only' | 'first' | 'last'
}

/** The header lines of one request, `undefined` for a header that is not there. */
export interface CertificateHeaderValues {
  readonly certificate: string | undefined
  readonly chain: string | undefined
  readonly verdict: string | undefined
}

/** Why a certificate header is not believed. */
export type CertificateHeaderFailure =
  | CertificateHeaderSyntaxFailure
  | {
      readonly reason: 'certificate_header_too_long'
      readonly header: string
      readonly length: number
      readonly limit: number
    }
  | { readonly reason: 'certificate_too_large'; readonly length: number; readonly limit: number }
  | { readonly reason: 'certificate_chain_too_long'; readonly count: number; readonly limit: number }
  | { readonly reason: 'certificate_verdict_missing'; readonly header: string }
  | {
      readonly reason: 'certificate_verdict_contradicts'
      readonly verdict: string
      readonly certificate: 'present' | 'absent'
    }
  | { readonly reason: 'certificate_chain_without_leaf'; readonly header: string }

/** `withheld`: the terminator had a certificate, or says something strange, but none came through. */
export interface CertificateHeaderReading {
  readonly certificate: PresentedCertificate | undefined
  readonly withheld: string | undefined
}

export interface CertificateHeaderReader {
  read(values: CertificateHeaderValues): Result<CertificateHeaderReading, CertificateHeaderFailure>
  /** Says that a certificate which came from here was good for something: it is then remembered among those that were. */
  vouchFor(certificate: PresentedCertificate): void
}

/**
 * Makes the reader of one configured header format; it remembers what it decoded, bounded by entries and bytes.
 *
 * Sniffs nothing: a value is absent in one of the preset's spellings, or in the preset's format, or refused.
 * With the memory `vouched_apart` a certificate is kept in a small one of its own until somebody vouches for it, so that
 * strangers, who can make as many as they like, push out only each other.
 */
export function certificateHeaderReader(
  settings: CertificateHeaderSettings,
  memory: 'one' | 'vouched_apart' = 'one',
): CertificateHeaderReader {
  const { format } = settings
  const decode = decoderNamed(format.decoder, settings)
  const decodeChain = format.chainDecoder === undefined ? undefined : decoderNamed(format.chainDecoder, settings)
  const absent = new Set(['', '(null)', '-', ...format.absent])
  const verdictNone = new Set(format.verdictNone ?? [])
  const known = twoGenerationMap<Known>({ entries: mostKnown, bytes: mostKnownBytes })
  const strangers =
    memory === 'one' ? undefined : twoGenerationMap<Known>({ entries: mostStrangers, bytes: mostStrangerBytes })
  /** What a stranger is to be remembered by, once he is none any more. */
  const unvouched = new WeakMap<PresentedCertificate, string>()

  interface Known {
    readonly reading: Result<CertificateHeaderReading, CertificateHeaderFailure> & { readonly ok: true }
    readonly chain: string | undefined
    readonly verdict: string | undefined
  }

  function withheldSpelling(value: string): boolean {
    return format.absentWithWarning.some((spelling) =>
      spelling.endsWith('*') ? value.startsWith(spelling.slice(0, -1)) : value === spelling,
    )
  }

  function readNew(
    value: string,
    values: CertificateHeaderValues,
  ): Result<CertificateHeaderReading, CertificateHeaderFailure> {
    const { chain: chainValue, verdict } = values
    const tooLong = lengthFailure(settings.header, value, format.maxBytes)
    if (tooLong !== undefined) return fail(tooLong)
    const decoded = decode(value)
    if (!decoded.ok) return malformed(format.decoder, decoded.failure)
    const [leaf, ...chain] = decoded.value
    if (leaf === undefined) return malformed(format.decoder, 'base64')
    if (leaf.length > largestCertificate) {
      return fail({ reason: 'certificate_too_large', length: leaf.length, limit: largestCertificate })
    }
    if (
      decodeChain !== undefined &&
      chainValue !== undefined &&
      !absent.has(chainValue) &&
      !withheldSpelling(chainValue)
    ) {
      const longChain = lengthFailure(settings.chainHeader ?? '', chainValue, format.maxBytes)
      if (longChain !== undefined) return fail(longChain)
      const more = decodeChain(chainValue)
      if (!more.ok) return malformed(format.chainDecoder ?? '', more.failure)
      chain.push(...more.value)
    }
    if (1 + chain.length > mostCertificates) {
      return fail({ reason: 'certificate_chain_too_long', count: 1 + chain.length, limit: mostCertificates })
    }
    // Own copies: a decoded value may be a slice of a larger pool, which a remembered certificate would keep alive.
    const own = chain.map((der) => new Uint8Array(der))
    const source = { kind: 'header', preset: settings.preset, header: settings.header, verdict } as const
    return ok({ certificate: presentedCertificate(new Uint8Array(leaf), own, source), withheld: undefined })
  }

  function readPresent(
    value: string,
    values: CertificateHeaderValues,
  ): Result<CertificateHeaderReading, CertificateHeaderFailure> {
    const { chain, verdict } = values
    // Those that count are looked for first: finding one costs the same however many strangers there are.
    const before = known.get(value) ?? strangers?.get(value)
    if (before !== undefined && before.chain === chain && before.verdict === verdict) return before.reading
    if (verdict !== undefined && verdictNone.has(verdict)) {
      return fail({ reason: 'certificate_verdict_contradicts', verdict, certificate: 'present' })
    }
    const reading = readNew(value, values)
    // Decoded ones only, so that nonsense never pushes out what is known.
    if (!reading.ok) return reading
    const entry = { reading, chain, verdict }
    const { certificate } = reading.value
    if (strangers === undefined || certificate === undefined) known.set(value, entry, entrySize(value, entry))
    else {
      strangers.set(value, entry, entrySize(value, entry))
      unvouched.set(certificate, value)
    }
    return reading
  }

  return {
    vouchFor(certificate) {
      const value = unvouched.get(certificate)
      if (value === undefined) return
      unvouched.delete(certificate)
      const entry = strangers?.get(value)
      if (entry?.reading.value.certificate === certificate) known.set(value, entry, entrySize(value, entry))
    },
    read(values) {
      const { certificate, verdict } = values
      if (settings.verdictHeader !== undefined && settings.verdict === 'required' && (verdict ?? '') === '') {
        return fail({ reason: 'certificate_verdict_missing', header: settings.verdictHeader })
      }
      if (certificate !== undefined && !absent.has(certificate)) {
        if (!withheldSpelling(certificate)) return readPresent(certificate, values)
        return ok({ certificate: undefined, withheld: certificate.slice(0, longestQuote) })
      }
      if (values.chain !== undefined && !absent.has(values.chain) && !withheldSpelling(values.chain)) {
        return fail({ reason: 'certificate_chain_without_leaf', header: settings.chainHeader ?? '' })
      }
      if (verdict !== undefined && verdict !== '' && verdictNone.size > 0 && !verdictNone.has(verdict)) {
        return fail({
          reason: 'certificate_verdict_contradicts',
          verdict: verdict.slice(0, longestQuote),
          certificate: 'absent',
        })
      }
      return nothing
    },
  }
}

function decoderNamed(name: CertificateDecoderName, settings: CertificateHeaderSettings): CertificateDecoder {
  switch (name) {
    case 'rfc9440':
      return rfc9440
    case 'rfc9440-chain':
      return rfc9440Chain
    case 'base64-der':
      return base64Der
    case 'base64-der-list':
      return base64DerList
    case 'base64-der-list-urlencoded':
      return base64DerListUrlencoded
    case 'der-concat':
      return derConcat
    case 'pem-urlencoded':
      return pemUrlencoded
    case 'pem-flat':
      return pemFlat
    case 'xfcc':
      return (value) => xfcc(value, { element: settings.xfccElement, pem: 'urlencoded' })
    case 'xfcc-either-pem':
      return (value) => xfcc(value, { element: settings.xfccElement, pem: 'either' })
  }
}

/** What an entry keeps alive. */
function entrySize(value: string, entry: { readonly chain: string | undefined }): number {
  return 2 * value.length + 2 * (entry.chain?.length ?? 0) + entryBytes
}

function lengthFailure(header: string, value: string, limit: number): CertificateHeaderFailure | undefined {
  if (value.length <= limit) return undefined
  return { reason: 'certificate_header_too_long', header, length: value.length, limit }
}

function malformed(
  decoder: string,
  problem: CertificateHeaderSyntaxFailure['problem'],
): { readonly ok: false; readonly failure: CertificateHeaderSyntaxFailure } {
  return fail({ reason: 'certificate_header_malformed', decoder, problem })
}

const nothing = ok<CertificateHeaderReading>({ certificate: undefined, withheld: undefined })
/** RSA-8192 with a hundred names takes 6 KB, an ML-DSA-87 leaf 8 KB. */
const largestCertificate = 16_384
/** Clients that ask within a minute or so; more of them only costs decoding again. */
const mostKnown = 4096
const mostKnownBytes = 16 * 1024 * 1024
/** Clients that just connected for the first time; who is not vouched for meanwhile has no reason to come back soon. */
const mostStrangers = 512
const mostStrangerBytes = 4 * 1024 * 1024
/** The DER, the objects around it and the map's own slot, roughly. */
const entryBytes = 2048
/** Of a strange value, so much goes into the log. */
const longestQuote = 80
