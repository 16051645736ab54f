import { hash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { isSubjectAltName, parseCertificate, validatePath } from '@holdfast/x509'
import type { AnchorSet, Certificate, PathFailure, RevocationFailure, ValidatedPath } from '@holdfast/x509'
import type { Awaitable } from '@holdfast/core'
import type { ProxyCertificateOptions } from './edge-options.ts'

/** Why a peer is not the configured proxy. */
export type ProxyCertificateFailure =
  | { readonly reason: 'proxy_certificate_missing' | 'proxy_certificate_malformed' }
  | {
      readonly reason:
        | 'proxy_certificate_not_pinned'
        | 'proxy_certificate_name'
        | 'proxy_certificate_not_yet_valid'
        | 'proxy_certificate_expired'
      /** SHA-256, base64url. */
      readonly thumbprint: string
    }
  | { readonly reason: 'proxy_certificate_path'; readonly thumbprint: string; readonly failure: PathFailure }
  | {
      readonly reason: 'proxy_certificate_revoked' | 'proxy_certificate_revocation_unknown'
      readonly thumbprint: string
      readonly failure: RevocationFailure
    }

/** The peer of one connection, judged anew at each moment. */
export interface ProxyPeer {
  /** Says why the peer is not to be believed at `now`, epoch seconds; later where somebody must be asked. Never rejects. */
  refusal(now: number): Awaitable<ProxyCertificateFailure | undefined>
}

/**
 * Takes the certificate that a proxy showed, once per connection and synchronously in `secureConnection`.
 *
 * It is not a `PresentedCertificate`: nobody can be a client by it.
 */
export function proxyPeer(socket: TLSSocket, options: ProxyCertificateOptions): ProxyPeer {
  const shown = socket.getPeerX509Certificate()
  if (shown === undefined) return always({ reason: 'proxy_certificate_missing' })
  const leaf = parseCertificate(shown.raw)
  if (!leaf.ok) return always({ reason: 'proxy_certificate_malformed' })
  const thumbprint = hash('sha256', shown.raw, 'base64url')
  if ('thumbprints' in options) {
    if (!options.thumbprints.includes(thumbprint)) return always({ reason: 'proxy_certificate_not_pinned', thumbprint })
    return { refusal: (now) => datesFailure(leaf.value, thumbprint, now) }
  }
  if (!isSubjectAltName(leaf.value, options.name)) return always({ reason: 'proxy_certificate_name', thumbprint })
  const chain: Certificate[] = []
  for (let next = shown.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (chain.length === mostIntermediates) break
    const parsed = parseCertificate(next.raw)
    if (parsed.ok) chain.push(parsed.value)
  }
  return vouchedFor(leaf.value, chain, thumbprint, options)
}

/** A SHA-256 thumbprint in base64url, from that, or hex with or without colons; `undefined` when it is neither. */
export function thumbprintText(text: string): string | undefined {
  const hex = text.replaceAll(':', '')
  if (/^[0-9A-Fa-f]{64}$/.test(hex)) return Buffer.from(hex, 'hex').toString('base64url')
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? text : undefined
}

function vouchedFor(
  leaf: Certificate,
  chain: readonly Certificate[],
  thumbprint: string,
  { anchors: anchorsNow, revocation }: VouchedProxy,
): ProxyPeer {
  let proven: { readonly anchors: AnchorSet; readonly path: ValidatedPath } | undefined

  function revocationFailure(path: ValidatedPath, now: number): Awaitable<ProxyCertificateFailure | undefined> {
    const failure = revocation?.(path, now)
    if (!(failure instanceof Promise)) return failure && asRevocation(failure, thumbprint)
    return failure.then(
      (later) => later && asRevocation(later, thumbprint),
      () => asRevocation(nobodyKnows, thumbprint),
    )
  }

  return {
    refusal(now) {
      const anchors = anchorsNow()
      if (proven?.anchors === anchors && now >= proven.path.validFrom && now <= proven.path.validUntil) {
        return revocationFailure(proven.path, now)
      }
      const dates = datesFailure(leaf, thumbprint, now)
      if (dates !== undefined) return dates
      const path = validatePath(leaf, chain, anchors, { now })
      if (!path.ok) return { reason: 'proxy_certificate_path', thumbprint, failure: path.failure }
      proven = { anchors, path: path.value }
      return revocationFailure(path.value, now)
    },
  }
}

function asRevocation(failure: RevocationFailure, thumbprint: string): ProxyCertificateFailure {
  const revoked = failure.reason === 'certificate_revoked'
  return { reason: revoked ? 'proxy_certificate_revoked' : 'proxy_certificate_revocation_unknown', thumbprint, failure }
}

function datesFailure(leaf: Certificate, thumbprint: string, now: number): ProxyCertificateFailure | undefined {
  if (now < leaf.notBefore) return { reason: 'proxy_certificate_not_yet_valid', thumbprint }
  return now > leaf.notAfter ? { reason: 'proxy_certificate_expired', thumbprint } : undefined
}

function always(failure: ProxyCertificateFailure): ProxyPeer {
  return { refusal: () => failure }
}

type VouchedProxy = Exclude<ProxyCertificateOptions, { readonly thumbprints: unknown }>

const nobodyKnows: RevocationFailure = { reason: 'revocation_unknown', index: 0, problems: ['no_information'] }

/** What stands between a proxy and the CA of its operator. */
const mostIntermediates = 4
