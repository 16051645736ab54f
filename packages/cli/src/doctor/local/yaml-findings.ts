import type { Cause } from '../cause.ts'
import type { Found } from '../verdict.ts'
import type { PlacedFinding } from './site-findings.ts'

/** Reads the lines of a YAML file of Traefik or Envoy that decide about certificates; others it does not judge. */
export function yamlFindings(language: 'traefik' | 'envoy', text: string, file: string): readonly PlacedFinding[] {
  const lines = text.split('\n').map((line, index) => ({ line: line.replace(/\s#.*$/, ''), number: index + 1 }))
  const findings = lines.flatMap(({ line, number }) =>
    rules[language].flatMap(({ pattern, cause, severity, what }): readonly PlacedFinding[] =>
      pattern.test(line) ? [{ cause, severity, what, place: { file, line: number }, site: file }] : [],
    ),
  )
  return [...findings, ...(language === 'envoy' ? untrustedRefused(text, lines, file) : [])]
}

/** Envoy asks for a certificate as soon as there is a validation context, and then wants a CA unless told otherwise. */
function untrustedRefused(
  text: string,
  lines: readonly { readonly line: string; readonly number: number }[],
  file: string,
): readonly PlacedFinding[] {
  const context = lines.find(({ line }) => /^\s*(- )?validation_context\s*:/.test(line))
  if (context === undefined || !/DownstreamTlsContext/.test(text) || /ACCEPT_UNTRUSTED/.test(text)) return []
  return [
    {
      cause: 'ca_enforced',
      severity: 'fault',
      what: 'certificates of unknown CAs are refused: trust_chain_verification is not ACCEPT_UNTRUSTED',
      place: { file, line: context.number },
      site: file,
    },
  ]
}

interface YamlRule {
  readonly pattern: RegExp
  readonly cause: Cause
  readonly severity: Found['severity']
  readonly what: string
}

const rules: { readonly [Language in 'traefik' | 'envoy']: readonly YamlRule[] } = {
  traefik: [
    {
      pattern: /^\s*clientAuthType\s*:\s*["']?RequireAnyClientCert\b/,
      cause: 'certificate_required',
      severity: 'fault',
      what: 'RequireAnyClientCert lets nobody in without a certificate; RequestClientCert asks only',
    },
    {
      pattern: /^\s*clientAuthType\s*:\s*["']?RequireAndVerifyClientCert\b/,
      cause: 'certificate_required',
      severity: 'fault',
      what: 'RequireAndVerifyClientCert lets nobody in without a certificate of its CA; RequestClientCert asks only',
    },
    {
      pattern: /^\s*clientAuthType\s*:\s*["']?VerifyClientCertIfGiven\b/,
      cause: 'ca_enforced',
      severity: 'fault',
      what: 'VerifyClientCertIfGiven refuses certificates that its CA does not know',
    },
    {
      pattern: /^\s*insecure\s*:\s*true\b/,
      cause: 'forged_header_on_main_host',
      severity: 'fault',
      what: 'insecure: true believes forwarded headers of everybody, X-Forwarded-Tls-Client-Cert among them',
    },
    {
      pattern: /^\s*(- )?pem\s*:\s*false\b/,
      cause: 'certificate_header_dropped',
      severity: 'fault',
      what: 'passTLSClientCert without pem hands on no certificate',
    },
  ],
  envoy: [
    {
      pattern: /^\s*(- )?require_client_certificate\s*:\s*true\b/,
      cause: 'certificate_required',
      severity: 'fault',
      what: 'require_client_certificate lets nobody in without a certificate',
    },
    {
      pattern: /^\s*(- )?forward_client_cert_details\s*:\s*["']?(APPEND_FORWARD|FORWARD_ONLY|ALWAYS_FORWARD_ONLY)\b/,
      cause: 'forged_header_on_mtls_host',
      severity: 'fault',
      what: 'elements of X-Forwarded-Client-Cert that a client made up are kept; SANITIZE_SET replaces them',
    },
    {
      pattern: /^\s*(- )?forward_client_cert_details\s*:\s*["']?SANITIZE["']?\s*$/,
      cause: 'certificate_header_dropped',
      severity: 'fault',
      what: 'SANITIZE removes X-Forwarded-Client-Cert and writes none; SANITIZE_SET does both',
    },
  ],
}
