export { createEdge, type Edge, type RunningListener } from './create-edge.ts'
export {
  defaultEdgeLimits,
  type ClientCertificateOptions,
  type EdgeLimits,
  type EdgeOptions,
  type ListenerOptions,
  type PlainHostOptions,
  type PlainListenerOptions,
  type ProxyCertificateOptions,
  type ProxyProof,
  type TcpAddress,
  type TlsListenerOptions,
  type TlsNameCertificate,
  type TlsNameOptions,
  type UnixAddress,
} from './edge-options.ts'
export type {
  CertificateSourceFailure,
  ConnectionRefusal,
  EdgeEvent,
  EdgeRequest,
  EdgeResponse,
  Exchange,
  HostRole,
  RefusedExchange,
  RequestRefusal,
  TlsFacts,
  UpgradedConnection,
} from './exchange.ts'

export {
  certificateHeaderReader,
  type CertificateHeaderFailure,
  type CertificateHeaderReader,
  type CertificateHeaderReading,
  type CertificateHeaderSettings,
  type CertificateHeaderValues,
} from './header/certificate-header-reader.ts'
export {
  certificateHeaderPresets,
  type CertificateDecoderName,
  type CertificateHeaderPreset,
  type CertificateHeaderPresetName,
} from './header/certificate-header-preset.ts'
export type { CertificateHeaderProblem, CertificateHeaderSyntaxFailure } from './header/certificate-decoder.ts'
export { headerLines, type HeaderLines, type HeaderLinesFailure, type HeaderNames } from './header/header-lines.ts'
export { certificateHeaderSettings } from './certificate-header-settings.ts'
export { captureTls, type CapturedTls } from './tls-facts.ts'

export type { ClientHelloFailure } from './client-hello.ts'
export type { HostAuthorityFailure } from './host-authority.ts'
export { thumbprintText, type ProxyCertificateFailure } from './proxy-certificate.ts'
export type { ProxyProtocolFailure, ProxyProtocolVersion } from './proxy-protocol.ts'
export type { ServerNameFailure } from './server-name.ts'
