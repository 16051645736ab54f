import type { Side } from '../deployment.ts'
import type { CertificateKind, CertificateSeen, Evidence, HandshakeSeen } from '../evidence.ts'
import { asker } from '../probe/ask.ts'
import { openConnection } from '../probe/open-connection.ts'
import type { ThrowAway } from '../throw-away-certificates.ts'
import { askOn, askOnce, type Probes } from './probes.ts'

/** What becomes of each kind of certificate, and of none. */
export async function gatherCertificates(
  probes: Probes,
  side: Side,
  handshakes: readonly HandshakeSeen[],
): Promise<readonly CertificateSeen[]> {
  const { certificates } = probes
  // A version that is not spoken there says nothing of certificates.
  const both = spoken(handshakes)
  const newest = both.slice(-1)
  const seen: CertificateSeen[] = []
  const show = async (
    kind: CertificateKind,
    certificate: ThrowAway | undefined,
    versions: readonly ('TLSv1.2' | 'TLSv1.3')[] = newest,
  ): Promise<void> => {
    for (const version of versions)
      seen.push({
        kind,
        version,
        thumbprint: certificate?.thumbprint,
        seen: await askOnce(probes, { name: side.name, port: side.port, version, certificate }, side),
      })
  }
  await show('none', undefined, both)
  await show('plain', certificates.plain, both)
  await show('expired', certificates.expired, both)
  await show('future', certificates.future)
  await show('for_servers', certificates.forServers)
  await show('rsa', certificates.rsa)
  await show('ed25519', certificates.ed25519)
  await show('plus_and_slash', certificates.plusAndSlash)
  await show('with_chain', certificates.withChain)
  for (const [kilobytes, certificate] of certificates.sized) await show(`${kilobytes}_kb`, certificate)
  return seen
}

function spoken(handshakes: readonly HandshakeSeen[]): readonly ('TLSv1.2' | 'TLSv1.3')[] {
  const versions = (['TLSv1.2', 'TLSv1.3'] as const).filter((version) =>
    handshakes.some(
      ({ version: tried, refused }) =>
        tried === version && !(refused?.kind === 'tls_refused' && refused.code.includes('PROTOCOL_VERSION')),
    ),
  )
  return versions.length === 0 ? ['TLSv1.3'] : versions
}

/** Sends a form that is as large as a client with a long assertion may send, with a certificate. */
export async function gatherLargeBody(probes: Probes, side: Side): Promise<NonNullable<Evidence['largeBody']>> {
  const { plain } = probes.certificates
  const connection = await openConnection({ name: side.name, port: side.port, certificate: plain }, probes.reach)
  if ('kind' in connection) return { kilobytes: largeBody, seen: connection }
  const asking = asker(connection, probes.reach)
  const form = `grant_type=client_credentials&client_id=holdfast-doctor&filler=${'x'.repeat(largeBody * 1024 - 80)}`
  const seen = await asking.ask({ host: side.authority, path: side.token, form })
  probes.note(seen)
  asking.close()
  return { kilobytes: largeBody, seen }
}

/**
 * Whether a server that did not ask in the handshake asks once it knows the path: by renegotiation in TLS 1.2, or by
 * authentication after the handshake in TLS 1.3, which clients like this one do not offer.
 */
export async function gatherAsksDuringRequest(probes: Probes, side: Side): Promise<Evidence['asksDuringRequest']> {
  const connection = await openConnection({ name: side.name, port: side.port, version: 'TLSv1.2' }, probes.reach)
  if ('kind' in connection) return 'refused'
  let again = 0
  connection.socket.on('secureConnect', () => again++)
  // A renegotiation shows in the list of signature algorithms, which is empty until a certificate is asked for.
  const asking = asker(connection, probes.reach)
  await askOn(probes, connection, asking, side)
  const asked = again > 0 || (!connection.socket.destroyed && connection.socket.getSharedSigalgs().length > 0)
  asking.close()
  if (asked) return 'yes'
  const newer = await askOnce(probes, { name: side.name, port: side.port, version: 'TLSv1.3' }, side)
  return newer.kind === 'answer' && newer.status === 403 && newer.body !== 'json' ? 'refused' : 'no'
}

/** KB: well below what Holdfast takes, and more than what is often set for uploads that do not exist. */
const largeBody = 48
