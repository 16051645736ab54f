/** For those who operate a server beside it, and look at its configuration: a server that only serves loads none of it. */
export { openExplainer, type Explainer } from './open-explainer.ts'
export { checkPages } from './config/check-pages.ts'
export { checkConfiguration, type CheckedConfiguration } from './config/check-configuration.ts'
export { configSchema } from './config/config-schema.ts'
export { nameLines } from './registered-names.ts'
export {
  openClientRegistry,
  type AddedClient,
  type ClientRecordFile,
  type ClientRegistry,
} from './registration/open-client-registry.ts'
export {
  openPeopleRegister,
  type ListedPerson,
  type NewPerson,
  type PeopleRegister,
} from './people/open-people-register.ts'
export { openSigningKeys, type SigningKeys } from './keys/open-signing-keys.ts'
export { backupStore, migrateStore, storeSchema, type StoreBackup, type StoreSchema } from './store/operate-store.ts'
