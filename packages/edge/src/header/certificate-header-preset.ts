/** The formats that are known; each is read by the file of its name. */
export type CertificateDecoderName =
  | 'rfc9440'
  | 'rfc9440-chain'
  | 'base64-der'
  | 'base64-der-list'
  | 'base64-der-list-urlencoded'
  | 'der-concat'
  | 'pem-urlencoded'
  | 'pem-flat'
  | 'xfcc'
  | 'xfcc-either-pem'

/** How one kind of terminator hands on the certificate of its client, as data. */
export interface CertificateHeaderPreset {
  readonly header: string
  readonly decoder: CertificateDecoderName
  /** A second header with the certificates after the leaf, where the terminator can write one. */
  readonly chainHeader?: string
  readonly chainDecoder?: CertificateDecoderName
  /** Where the terminator can say whether it verified; `none` are the words that it uses for "no certificate". */
  readonly verdictHeader?: string
  readonly verdictNone?: readonly string[]
  /** Spellings of "no certificate", beside a missing and an empty header. */
  readonly absent: readonly string[]
  /** Spellings of "there was one, but I cannot give it to you"; a final `*` stands for any rest. */
  readonly absentWithWarning: readonly string[]
  /** Further headers that the terminator writes along, which are not looked at; lower-case. */
  readonly companions: readonly string[]
  /** `when-declared`: its verdict can mean something, if the operator declares that it verifies against a CA. */
  readonly canVerify: 'never' | 'when-declared'
  /** Longest value that is looked at, in bytes. */
  readonly maxBytes: number
  /** Whether the terminator lets the operator choose the header's name. */
  readonly headerName: 'free' | 'fixed'
  readonly notes: string
}

/** Names of {@link certificateHeaderPresets}. */
export type CertificateHeaderPresetName =
  | 'rfc9440'
  | 'nginx'
  | 'ingress-nginx'
  | 'haproxy'
  | 'haproxy-rfc9440'
  | 'apache'
  | 'apache-rfc9440'
  | 'caddy'
  | 'caddy-rfc9440'
  | 'traefik'
  | 'traefik-v2'
  | 'envoy'
  | 'istio'
  | 'yarp'
  | 'yarp-x-ssl-cert'
  | 'kestrel'
  | 'iis-arr'
  | 'aspnetcore-module'
  | 'aws-alb'
  | 'aws-alb-verify'
  | 'aws-api-gateway'
  | 'azure-app-service'
  | 'azure-application-gateway'
  | 'azure-container-apps'
  | 'google-cloud'
  | 'cloudflare'
  | 'cloudflare-legacy'
  | 'fastly'
  | 'f5'
  | 'f5-urlencoded'
  | 'netscaler'
  | 'kong'

/** A chain of five RSA-4096 certificates, percent-encoded, and post-quantum leaves fit; decoding is never asked to do more. */
const longestValue = 65_536

/** Every terminator that is known, by the name that a configuration says. */
export const certificateHeaderPresets: { readonly [Name in CertificateHeaderPresetName]: CertificateHeaderPreset } = {
  rfc9440: preset('client-cert', 'rfc9440', {
    chainHeader: 'client-cert-chain',
    chainDecoder: 'rfc9440-chain',
    absentWithWarning: ['::'],
    notes: 'Any proxy that keeps RFC 9440; it must remove both headers from every request that comes in.',
  }),
  nginx: preset('x-ssl-cert', 'pem-urlencoded', {
    verdictHeader: 'x-ssl-verify',
    verdictNone: ['NONE'],
    headerName: 'free',
    canVerify: 'when-declared',
    notes:
      'proxy_set_header X-SSL-CERT $ssl_client_escaped_cert. Never $ssl_client_cert. No chain. With optional_no_ca the verdict proves nothing; expired certificates need error_page 495 to arrive.',
  }),
  'ingress-nginx': preset('ssl-client-cert', 'pem-urlencoded', {
    verdictHeader: 'ssl-client-verify',
    verdictNone: ['NONE'],
    companions: ['ssl-client-subject-dn', 'ssl-client-issuer-dn'],
    canVerify: 'when-declared',
    notes: 'Hosts without auth-tls-secret hand on headers of that name from the client: separate listener needed.',
  }),
  haproxy: preset('x-ssl-client-cert', 'base64-der', {
    chainHeader: 'x-ssl-client-chain',
    chainDecoder: 'der-concat',
    verdictHeader: 'x-ssl-client-verify',
    headerName: 'free',
    canVerify: 'when-declared',
    notes:
      '%[ssl_c_der,base64] and %[ssl_c_chain_der,base64] if { ssl_c_used }, after del-header. The chain is empty on resumed sessions; a certificate above tune.bufsize comes as an empty value.',
  }),
  'haproxy-rfc9440': preset('client-cert', 'rfc9440', {
    chainHeader: 'x-ssl-client-chain',
    chainDecoder: 'der-concat',
    headerName: 'free',
    absentWithWarning: ['::'],
    notes: ':%[ssl_c_der,base64]: for the leaf. :: is a certificate that did not fit into the buffer.',
  }),
  apache: preset('x-ssl-cert', 'pem-flat', {
    verdictHeader: 'x-ssl-verify',
    verdictNone: ['NONE', '(null)'],
    absent: ['(null)'],
    headerName: 'free',
    notes:
      'RequestHeader set X-SSL-CERT "%{SSL_CLIENT_CERT}s" with SSLOptions +ExportCertData. The verdict is worthless: SUCCESS for self-signed certificates on resumed sessions. A client can make the header vanish by Connection:.',
  }),
  'apache-rfc9440': preset('client-cert', 'rfc9440', {
    absent: ['(null)'],
    absentWithWarning: ['::'],
    notes: 'RequestHeader edit* turns %{SSL_CLIENT_CERT}s into a Byte Sequence.',
  }),
  caddy: preset('x-ssl-client-cert', 'base64-der', {
    absentWithWarning: ['{http.request.tls.client.*'],
    headerName: 'free',
    notes: '{http.request.tls.client.certificate_der_base64}; older versions send the placeholder itself without one.',
  }),
  'caddy-rfc9440': preset('client-cert', 'rfc9440', {
    absentWithWarning: ['::', ':{http.request.tls.client.*'],
    notes:
      '":{http.request.tls.client.certificate_der_base64}:"; older versions send the placeholder itself without one.',
  }),
  traefik: preset('x-forwarded-tls-client-cert', 'base64-der-list', {
    companions: ['x-forwarded-tls-client-cert-info'],
    notes:
      'passTLSClientCert with pem: true. Not removed when there is no certificate: keep forwardedHeaders.insecure off.',
  }),
  'traefik-v2': preset('x-forwarded-tls-client-cert', 'base64-der-list-urlencoded', {
    companions: ['x-forwarded-tls-client-cert-info'],
    notes: 'As traefik, where the value is URL-escaped besides: + / = are %2B %2F %3D.',
  }),
  envoy: preset('x-forwarded-client-cert', 'xfcc', {
    notes: 'forward_client_cert_details: SANITIZE_SET with cert and chain. Other modes keep what clients made up.',
  }),
  istio: preset('x-forwarded-client-cert', 'xfcc', {
    notes: 'As Envoy, only where no sidecar appends the certificate of the gateway as a further element.',
  }),
  yarp: preset('x-client-cert', 'base64-der', {
    headerName: 'free',
    notes: 'Transform { "ClientCert": "X-Client-Cert" }; removes a header of that name on its own route only.',
  }),
  'yarp-x-ssl-cert': preset('x-ssl-cert', 'pem-urlencoded', {
    headerName: 'free',
    notes: 'A transform in C#: Uri.EscapeDataString(certificate.ExportCertificatePem()), removed first.',
  }),
  kestrel: preset('x-client-cert', 'base64-der', {
    headerName: 'free',
    notes:
      'An ASP.NET Core application that forwards: Convert.ToBase64String(certificate.RawData), as AddCertificateForwarding reads it by default. Kestrel must AllowAnyClientCertificate.',
  }),
  'iis-arr': preset('x-arr-clientcert', 'base64-der', { notes: 'IIS validates trust: self-signed ends in 403.16.' }),
  'aspnetcore-module': preset('ms-aspnetcore-clientcert', 'base64-der', {
    notes: 'Comes with the pairing secret MS-ASPNETCORE-TOKEN: name that as the secret header.',
  }),
  'aws-alb': preset('x-amzn-mtls-clientcert', 'pem-urlencoded', {
    headerName: 'free',
    notes:
      'Mutual authentication passthrough; the whole chain, with + = / literal. The listener asks on all its hosts.',
  }),
  'aws-alb-verify': preset('x-amzn-mtls-clientcert-leaf', 'pem-urlencoded', {
    companions: [
      'x-amzn-mtls-clientcert-subject',
      'x-amzn-mtls-clientcert-issuer',
      'x-amzn-mtls-clientcert-serial-number',
      'x-amzn-mtls-clientcert-validity',
    ],
    headerName: 'free',
    canVerify: 'when-declared',
    notes:
      'Mutual authentication verify; the companion headers -Subject, -Issuer, -Serial-Number, -Validity are ignored.',
  }),
  'aws-api-gateway': preset('x-client-cert', 'pem-urlencoded', {
    headerName: 'free',
    canVerify: 'when-declared',
    notes: 'Only what an integration maps; the default execute-api endpoint must be disabled.',
  }),
  'azure-app-service': preset('x-arr-clientcert', 'base64-der', {
    notes: 'clientCertMode Optional without exclusion paths. The platform does not verify.',
  }),
  'azure-application-gateway': preset('x-client-certificate', 'pem-urlencoded', {
    verdictHeader: 'x-client-certificate-verification',
    verdictNone: ['NONE'],
    headerName: 'free',
    canVerify: 'when-declared',
    notes:
      'verifyClientAuthMode Passthrough; a rewrite rule with {var_client_certificate} on every listener. The verdict is PASSTHROUGH there, and empty for what Strict refuses.',
  }),
  'azure-container-apps': preset('x-forwarded-client-cert', 'xfcc-either-pem', {
    notes: 'clientCertificateMode accept. Documented without percent-encoding; seen with it, as Envoy does.',
  }),
  'google-cloud': preset('client-cert', 'rfc9440', {
    chainHeader: 'client-cert-chain',
    chainDecoder: 'rfc9440-chain',
    verdictHeader: 'x-client-cert-chain-verified',
    verdictNone: ['false'],
    absentWithWarning: ['::'],
    companions: [
      'x-client-cert-present',
      'x-client-cert-error',
      'x-client-cert-hash',
      'x-client-cert-serial-number',
      'x-client-cert-spiffe',
      'x-client-cert-uri-sans',
      'x-client-cert-dnsname-sans',
      'x-client-cert-valid-not-before',
      'x-client-cert-valid-not-after',
      'x-client-cert-issuer-dn',
      'x-client-cert-subject-dn',
    ],
    headerName: 'free',
    canVerify: 'when-declared',
    notes:
      'Custom headers {client_cert_leaf}, {client_cert_chain}; may stay empty for certificates that did not validate.',
  }),
  cloudflare: preset('client-cert', 'rfc9440', {
    chainHeader: 'client-cert-chain',
    chainDecoder: 'rfc9440-chain',
    absentWithWarning: ['::'],
    headerName: 'free',
    notes:
      'Transform rule with cf.tls_client_auth.cert_rfc9440; remove incoming Client-Cert* in the same rule, always.',
  }),
  'cloudflare-legacy': preset('cf-client-cert-der-base64', 'base64-der', {
    companions: ['cf-client-cert-sha256'],
    notes: 'Documented both as first request of a connection only and as every request.',
  }),
  fastly: preset('x-client-cert', 'base64-der', {
    headerName: 'free',
    canVerify: 'when-declared',
    notes: 'VCL: tls.client.certificate.raw_certificate_b64 into a header that is unset before.',
  }),
  f5: preset('x-client-cert', 'pem-flat', {
    headerName: 'free',
    notes: 'iRule: X509::whole [SSL::cert 0]; with URI::encode choose f5-urlencoded instead.',
  }),
  'f5-urlencoded': preset('x-client-cert', 'pem-urlencoded', {
    headerName: 'free',
    notes: 'iRule: URI::encode [X509::whole [SSL::cert 0]].',
  }),
  netscaler: preset('x-client-cert', 'pem-flat', {
    headerName: 'free',
    notes: 'ssl action -clientCert ENABLED -certHeader.',
  }),
  kong: preset('x-client-cert', 'pem-urlencoded', {
    headerName: 'free',
    companions: [
      'x-client-cert-serial',
      'x-client-cert-issuer-dn',
      'x-client-cert-subject-dn',
      'x-client-cert-fingerprint',
      'x-client-cert-chain',
    ],
    notes: 'tls-metadata-headers on an mTLS route; its other headers are ignored under the names that it gives them.',
  }),
}

function preset(
  header: string,
  decoder: CertificateDecoderName,
  more: Partial<CertificateHeaderPreset> & Pick<CertificateHeaderPreset, 'notes'>,
): CertificateHeaderPreset {
  return {
    header,
    decoder,
    absent: [],
    absentWithWarning: [],
    companions: [],
    canVerify: 'never',
    headerName: 'fixed',
    maxBytes: longestValue,
    ...more,
  }
}
