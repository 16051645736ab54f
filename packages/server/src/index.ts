export { startServer, type RunningServer, type RunningServerKeys, type StartOptions } from './start-server.ts'
export type { FurtherHost } from './edge-listeners.ts'
export type { DoctorEcho } from './http/doctor-echo.ts'
export { ConfigurationError } from './configuration-error.ts'
export { authorizationServerSettings } from './live-settings.ts'
export { loadConfiguration, type ConfigurationFailure, type ConfigurationSource } from './config/load-configuration.ts'
export { formatProblem, type ConfigurationProblem } from './config/configuration-problem.ts'
export { listenAddress } from './config/listen-address.ts'
export { nearestName } from './config/nearest-name.ts'
export { subjectWarningText } from './config/subject-advice.ts'
export { readDocument, type ConfigurationDocument } from './config/read-document.ts'
export type { ClientsSummary, ConfiguredClients } from './config/configured-clients.ts'
export type {
  ClientCertificateConfiguration,
  Configuration,
  HostConfiguration,
  KeyConfiguration,
  LimitConfiguration,
  ListenAddress,
  ListenerConfiguration,
  LogDestination,
  PostgresConfiguration,
  ProxyProof,
  StoreConfiguration,
  TlsConfiguration,
  TokenConfiguration,
  TrustConfiguration,
} from './config/configuration.ts'
export { clientSecretHash } from './client-secret/client-secret-hash.ts'
export { createMasterKeyFile } from './keys/master-key.ts'
export { loadMaterial, type Material, type MaterialWarning } from './material/load-material.ts'
export { StoreSchemaError } from './store/store-schema-error.ts'
export { StoreUnavailableError } from './store/store-unavailable-error.ts'
