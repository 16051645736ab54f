import type { CertificateRefusal } from '@holdfast/core'
import { edgeRefusalText } from './edge-refusal-text.ts'
import { words } from './words.ts'

/** Says in one sentence why no certificate is taken from what came with a request. */
export function certificateRefusalText(refusal: CertificateRefusal): string {
  const { reason, ...facts }: Readonly<Record<string, unknown>> = { ...refusal }
  const problem = facts['problem']
  if (reason === 'certificate_header_malformed' && typeof problem === 'string')
    return `its value is not what the format ${text(facts['decoder'])} says: ${problems[problem] ?? words(problem)}`
  switch (reason) {
    case 'certificate_header_too_long':
      return `${text(facts['header'])} has ${text(facts['length'])} characters, ${text(facts['limit'])} are looked at`
    case 'certificate_too_large':
      return `the certificate has ${text(facts['length'])} octets, ${text(facts['limit'])} are taken`
    case 'certificate_chain_too_long':
      return `there are ${text(facts['count'])} certificates, ${text(facts['limit'])} are taken`
    case 'certificate_verdict_missing':
      return `${text(facts['header'])}, in which the terminator says whether it verified, is missing: a client may have made it vanish by naming it in Connection`
    case 'certificate_verdict_contradicts':
      return `the terminator says “${text(facts['verdict'])}”, and the certificate is ${text(facts['certificate'])}`
    case 'certificate_chain_without_leaf':
      return `${text(facts['header'])} has a chain, and there is no certificate`
    default:
      return edgeRefusalText(refusal).because
  }
}

const problems: Readonly<Record<string, string>> = {
  structured_field: 'it is not :base64: with colons around it (RFC 9440)',
  base64: 'what should be base64 is not: blanks, line breaks, the URL alphabet, or a format of another terminator',
  der_length: 'the base64 is not exactly one certificate: something is missing, or follows it',
  percent_encoding: 'the percent-encoding is broken',
  pem: 'there is no BEGIN CERTIFICATE where it should be, or text around it',
  too_many_certificates: 'there are more than five certificates',
  xfcc_grammar: 'it is not KEY=VALUE;KEY="VALUE" as Envoy writes it',
  xfcc_several_elements:
    'several proxies wrote into it, or a client did; where the proxy in front replaces what clients send, and others add to it, xfcc-element: first takes its own',
  xfcc_without_certificate:
    'it names the certificate by hash or subject alone: let the proxy write it whole (set_current_client_cert_details: cert, chain)',
  xfcc_chain_mismatch: 'Cert and Chain begin with different certificates',
  xfcc_hash_mismatch: 'Hash is not that of the certificate',
}

function text(fact: unknown): string {
  return typeof fact === 'string' || typeof fact === 'number' ? String(fact) : 'unknown'
}
