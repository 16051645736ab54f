import type { EvidenceSource, ExplainedStep, Failure } from '@holdfast/core'
import type { CertificateStatus } from '@holdfast/x509'
import { instantText } from '../cert/instant.ts'
import { failureText } from './failure-text.ts'
import { type Recognized, recognizedText } from './recognized-text.ts'
import { shortThumbprint } from './short-thumbprint.ts'
import { sourcesText } from './sources-text.ts'
import { words } from './words.ts'

/** What was looked at in a step, and what was found: the label and the sentence. `from` says where the certificate came from. */
export function stepText(step: ExplainedStep, from: string): { readonly label: string; readonly text: string } {
  const facts = step.facts as Facts
  const text = step.outcome === 'refused' ? failureText(step.facts as Failure) : found[step.step](facts, from)
  return { label: labels[step.step], text }
}

/** The facts of a step as the core takes them down; each step has some of them. */
interface Facts {
  readonly clientId?: string
  readonly presented?: string
  readonly method?: string
  readonly binding?: string
  readonly registered?: string
  readonly thumbprint?: string
  readonly furtherCertificates?: number
  readonly trust?: string
  readonly certificates?: number
  readonly validUntil?: number
  readonly algorithm?: string
  readonly kid?: string
  readonly grantType?: string
  readonly scope?: readonly string[]
  readonly audience?: readonly string[]
  readonly statuses?: readonly CertificateStatus[]
  readonly sources?: readonly EvidenceSource[]
  readonly confirmation?: { readonly 'x5t#S256'?: string }
  readonly certificate?: { readonly thumbprint?: string }
  readonly recognizedBy?: Recognized['recognizedBy']
  readonly psd2?: Recognized['psd2']
}

const labels: { readonly [Name in ExplainedStep['step']]: string } = {
  request: 'request',
  credentials: 'who asks',
  client: 'client',
  method: 'method',
  certificate: 'certificate',
  trust: 'trust',
  revocation: 'revocation',
  subject: 'subject',
  registered_certificate: 'registration',
  public_client: 'public client',
  secret: 'secret',
  assertion: 'assertion',
  assertion_signature: 'signature',
  assertion_use: 'used once',
  grant_type: 'grant type',
  grant: 'grant',
  binding: 'binding',
}

const found: { readonly [Name in ExplainedStep['step']]: (facts: Facts, from: string) => string } = {
  request: () => 'is well formed',
  credentials: (f) =>
    `${f.clientId}, with ${f.presented === 'none' ? 'nothing but its name and the connection' : f.presented}`,
  client: (f) => `${f.clientId} is registered for ${f.method}`,
  method: (f) => `${f.registered} it is: what else came along does not count`,
  certificate: (f, from) =>
    `${shortThumbprint(f.thumbprint ?? '')}, from ${from}${f.furtherCertificates === 0 ? '' : `, with ${f.furtherCertificates} more`}`,
  trust: (f) =>
    `“${f.trust}” vouches for it, ${f.certificates === 1 ? 'directly' : `over ${(f.certificates ?? 1) - 1} CA below the anchor`}, until ${f.validUntil === undefined ? '?' : instantText(f.validUntil)}`,
  revocation: (f) => (f.statuses ?? []).map(statusText).join('; ') + sourcesText(f.sources ?? []),
  subject: (f) =>
    f.recognizedBy === undefined
      ? 'the certificate names the registered subject'
      : recognizedText(f.recognizedBy, f.psd2),
  registered_certificate: () => 'it is exactly a registered certificate',
  public_client: () => 'proves nothing about itself, and need not',
  secret: () => 'is the right one',
  assertion: (f) =>
    `signed with ${f.algorithm}${f.kid === undefined ? '' : ` and the key ${shortThumbprint(f.kid)}`}, claims as they should be`,
  assertion_signature: () => 'fits a registered key',
  assertion_use: () => 'not looked up here: the server takes each assertion once',
  grant_type: (f) => `${f.grantType} is registered`,
  grant: (f) => `scope ${listed(f.scope)}, for ${listed(f.audience)}`,
  binding: (f) => {
    const bound = f.confirmation?.['x5t#S256']
    return bound === undefined
      ? `${f.binding}: the token is bound to nothing`
      : `${f.binding}: the token is bound to the certificate ${shortThumbprint(bound)}`
  },
}

function statusText(status: CertificateStatus, index: number): string {
  const which = index === 0 ? 'the certificate' : `CA ${index} above it`
  switch (status.status) {
    case 'good':
      return `${which} is not revoked, says the ${status.source === 'crl' ? 'CRL' : 'OCSP responder'}${status.origin === undefined ? '' : ` ${status.origin}`}`
    case 'skipped':
      return `${which} is not asked about (${words(status.because)})`
    case 'unknown':
      return `${which} may be revoked, nobody can tell (${status.problems.map(words).join(', ')}), and is let in`
  }
}

function listed(items: readonly string[] | undefined): string {
  return items === undefined || items.length === 0 ? 'none' : items.join(' ')
}
