export {
  proxyConfig,
  proxyConfigPresets,
  type ProxyConfigFile,
  type ProxyConfigPreset,
  type ProxyConfigPresetName,
} from './proxy-config.ts'
export type { ProxyConfigProblem } from './proxy-config-problem.ts'
export type { ProxyCertificateHeader, ProxyDeployment, ProxySite, ProxyUpstream } from './proxy-deployment.ts'
export { sensitiveHeaderNames, sensitiveHeaderPrefixes } from './sensitive-headers.ts'
