export { createReverseProxy, type ReverseProxy } from './create-reverse-proxy.ts'
export {
  defaultReverseProxyLimits,
  type CertificateHeaderFormat,
  type ReverseProxyEvent,
  type ReverseProxyLimits,
  type ReverseProxyListener,
  type ReverseProxyName,
  type ReverseProxyOptions,
  type UpstreamFailure,
  type UpstreamOptions,
  type UpstreamTls,
} from './reverse-proxy-options.ts'
