import {
  decodePem,
  fail,
  ok,
  parseCertificate,
  parseCertificateRevocationList,
  verifyCrlSignature,
} from '@holdfast/x509'
import type { Certificate, CertificateRevocationList, CrlSignature, Result } from '@holdfast/x509'

export interface ParsedCrl {
  readonly crl: CertificateRevocationList
  readonly signature: CrlSignature
}

export type ParsedCrls = Result<readonly ParsedCrl[], { readonly problem: string }>

/** Reads CRLs, one in DER or any number in PEM, and checks their signatures by the candidates (DER certificates). */
export function parseCrls(octets: Uint8Array, candidates: readonly Uint8Array[]): ParsedCrls {
  const blocks = blocksOf(octets)
  if (!blocks.ok) return blocks
  const signers = candidates.flatMap((der): readonly Certificate[] => {
    const parsed = parseCertificate(der)
    return parsed.ok ? [parsed.value] : []
  })
  const parsed: ParsedCrl[] = []
  for (const der of blocks.value) {
    const crl = parseCertificateRevocationList(der)
    if (!crl.ok) {
      const { reason, detail, offset } = crl.failure
      return fail({ problem: `not a CRL: ${[reason, detail].join(', ').replaceAll('_', ' ')} at byte ${offset}` })
    }
    parsed.push({ crl: crl.value, signature: verifyCrlSignature(crl.value, signers) })
  }
  return ok(parsed)
}

function blocksOf(octets: Uint8Array): Result<readonly Uint8Array[], { readonly problem: string }> {
  if (!pemBegin.every((octet, index) => octets[index] === octet)) return ok([octets])
  const blocks = decodePem(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1'), 'X509 CRL')
  if (blocks.ok) return blocks
  const { reason, line } = blocks.failure
  return fail({ problem: `not a CRL: ${reason.replaceAll('_', ' ')} in line ${line}` })
}

const pemBegin = Buffer.from('-----BEGIN')
