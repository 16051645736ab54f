import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { AuthorizationOffer } from './authorization-metadata.ts'
import type { ThumbprintOf } from './json-web-key-set.ts'
import type { Binding, ClientAuthenticationMethod, GrantType } from './registered-client.ts'
import type { SecurityProfile } from './security-profile.ts'
import type { ServerFacts } from './server-demands.ts'

/** What this server offers to those who register. */
export interface RegistrationRules {
  readonly authenticationMethods: readonly ClientAuthenticationMethod[]
  readonly grantTypes: readonly GrantType[]
  /** The names of the trust profiles. */
  readonly trust: readonly string[]
  /** The SPIFFE trust domains of those whose anchors are its bundle. */
  readonly trustDomains?: ReadonlyMap<string, string> | undefined
  /** The profile of `tls_client_auth` clients that name none; a SPIFFE ID leads to that of its trust domain before. */
  readonly defaultTrust?: string | undefined
  /** The binding of clients that say nothing about it, when the operator chose one for all. */
  readonly defaultBinding?: Binding | undefined
  /** Of the server; `undefined`: none. */
  readonly profile?: SecurityProfile | undefined
  /** What clients may sign with; `undefined`: everything that is known. */
  readonly signatureAlgorithms?: readonly JwsAlgorithm[] | undefined
  /** `undefined`: there is no authorization endpoint. */
  readonly authorization?: AuthorizationOffer | undefined
  /** `refuse` for what an operator writes, `ignore` for what a stranger sends (RFC 7591 §2). */
  readonly unknownMembers: 'refuse' | 'ignore'
  readonly thumbprint: ThumbprintOf
  /** The server that they register with; `undefined`: a record is read for itself. */
  readonly server?: ServerFacts | undefined
}
