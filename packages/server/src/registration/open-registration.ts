import { createClientConfigurationEndpoint, createClientRegistrationEndpoint } from '@holdfast/core/people'
import type {
  Answer,
  ClientRegistrationPorts,
  ClientRegistrationRequest,
  RegistrationPolicy,
  RegistrationRules,
} from '@holdfast/core'
import { clientSecretHash } from '../client-secret/client-secret-hash.ts'

/** The endpoints of RFC 7591 and RFC 7592. */
export interface Registration {
  register(request: ClientRegistrationRequest): Promise<Answer>
  /** `method` GET, PUT or DELETE, about the client that the path names. */
  lookAfter(request: ClientRegistrationRequest, method: 'GET' | 'PUT' | 'DELETE', clientId: string): Promise<Answer>
}

/** Puts the endpoints together for one version of the configuration. */
export function openRegistration(
  ports: Omit<ClientRegistrationPorts, 'hashSecret'>,
  policy: RegistrationPolicy,
  rules: RegistrationRules,
  bases: { readonly main: string; readonly mtls: string },
): Registration {
  const settings = {
    policy,
    rules: { ...rules, unknownMembers: 'ignore' as const },
    registrationEndpoint: { main: `${bases.main}/register`, mtls: `${bases.mtls}/register` },
  }
  const all = { ...ports, hashSecret: clientSecretHash }
  const lookAfter = createClientConfigurationEndpoint(all, settings)
  return {
    register: createClientRegistrationEndpoint(all, settings),
    lookAfter: (request, method, clientId) => lookAfter({ ...request, method, clientId }),
  }
}
