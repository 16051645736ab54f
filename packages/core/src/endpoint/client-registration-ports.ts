import type { RegistrationPolicy } from '../client-registration/registration-policy.ts'
import type { RegistrationRules } from '../client-registration/client-metadata.ts'
import type { AuthorizationStore } from '../port/authorization-store.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { ClientRegistrationStore } from '../port/client-registration-store.ts'
import type { OpaqueTokens } from '../port/random.ts'
import type { SectorDocuments } from '../port/sector-documents.ts'
import type { ClientAuthenticationPorts } from './ports.ts'

export interface ClientRegistrationPorts extends ClientAuthenticationPorts {
  readonly opaqueTokens: OpaqueTokens
  readonly registrations: ClientRegistrationStore
  /** Makes what a client secret is kept as. */
  readonly hashSecret: (secret: string) => Awaitable<string>
  /** Where they cannot be fetched, no client can register a `sector_identifier_uri`. */
  readonly sectorDocuments?: SectorDocuments
  /** Ends with a client that is removed. */
  readonly authorizations: Pick<AuthorizationStore, 'revokeClient'>
}

export interface ClientRegistrationSettings {
  readonly policy: RegistrationPolicy
  readonly rules: RegistrationRules
  /** Where registrations are looked after, for each role of a host: `…/register`, without a slash at the end. */
  readonly registrationEndpoint: { readonly main: string; readonly mtls: string }
}
