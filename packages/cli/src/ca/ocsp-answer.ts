import { isAboutIssuer, issueOcspResponse, ocspErrorResponse, parseOcspRequest } from '@holdfast/x509/issue'
import type { AuthorityFolder, Revocations } from './authority-folder.ts'

/**
 * Answers an OCSP request in the name of the issuing CA itself (RFC 6960 §2.2): revoked, good for everything else it may
 * have issued, unknown for other issuers. `now` in epoch seconds.
 */
export function ocspAnswer(
  request: Uint8Array,
  authority: Pick<AuthorityFolder, 'issuing' | 'issuingKey'>,
  { revoked }: Revocations,
  now: number,
): Uint8Array {
  const parsed = parseOcspRequest(request)
  if (!parsed.ok || parsed.value.requests.length === 0) return ocspErrorResponse('malformedRequest')
  const { requests, nonce } = parsed.value
  const entries = new Map(revoked.map((entry) => [serialText(Buffer.from(entry.serialNumber, 'hex')), entry]))
  return issueOcspResponse(
    {
      producedAt: now,
      responder: { name: authority.issuing.subject },
      responses: requests.map((requested) => ({
        certificate: requested.der,
        status: isAboutIssuer(requested, authority.issuing)
          ? (entries.get(serialText(requested.serialNumber)) ?? 'good')
          : 'unknown',
        thisUpdate: now,
        nextUpdate: now + lifetime,
      })),
      ...(nonce === undefined ? {} : { nonce }),
    },
    { privateKey: authority.issuingKey },
  )
}

/** Without the octet that only carries the sign. */
function serialText(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('hex')
    .replace(/^(?:00)+(?=.)/, '')
}

/** Seconds. Short: whoever revokes in development wants to see it. */
const lifetime = 300
