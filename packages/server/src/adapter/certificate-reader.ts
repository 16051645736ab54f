import { hash } from 'node:crypto'
import type { CertificateReader, PresentedCertificate } from '@holdfast/core'
import { parseCertificate } from '@holdfast/x509'
import type { Certificate, CertificateSyntaxFailure, Result } from '@holdfast/x509'
import { twoGenerationMap } from '../cache/two-generation-map.ts'

/**
 * A {@link CertificateReader} that parses each certificate once.
 *
 * Leaves and the certificates of chains are kept apart, so that strangers who send one-off leaves cannot push out the
 * intermediates that everybody's chain needs.
 */
export function createCertificateReader(entries: number): CertificateReader {
  const leaves = twoGenerationMap<Result<Certificate, CertificateSyntaxFailure>>(entries)
  const issuers = twoGenerationMap<Result<Certificate, CertificateSyntaxFailure>>(issuerEntries)
  const chains = new WeakMap<PresentedCertificate, readonly Certificate[]>()

  function issuer(der: Uint8Array): Result<Certificate, CertificateSyntaxFailure> {
    const key = hash('sha256', der, 'base64url')
    const known = issuers.get(key)
    if (known !== undefined) return known
    const parsed = parseCertificate(der)
    issuers.set(key, parsed)
    return parsed
  }

  return {
    leaf(presented) {
      const known = leaves.get(presented.thumbprint)
      if (known !== undefined) return known
      const parsed = parseCertificate(presented.der)
      leaves.set(presented.thumbprint, parsed)
      return parsed
    },
    chain(presented) {
      if (presented.chain.length === 0) return none
      const known = chains.get(presented)
      if (known !== undefined) return known
      const parsed = presented.chain.flatMap((der) => {
        const certificate = issuer(der)
        return certificate.ok ? [certificate.value] : []
      })
      chains.set(presented, parsed)
      return parsed
    },
  }
}

const none: readonly Certificate[] = []

/** More intermediates than any set of partners has. */
const issuerEntries = 1_000
