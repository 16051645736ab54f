import { fail, ok, type Result } from '@holdfast/x509'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import { recognizedClient } from '../client-authentication/recognized-client.ts'
import { type PresentedCredentials, presentedCredentials } from '../client-authentication/presented-credentials.ts'
import { expectedSubjectText } from '../client-authentication/tls-client-auth.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { andThen } from './and-then.ts'
import { gatherEvidence } from './authentication-evidence.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { StepRecorder } from './explanation.ts'
import type { FormParameters } from './form-parameters.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/**
 * Establishes which client is asking, the same way at every endpoint.
 *
 * RFC 6749 §2.3, RFC 8705 §2. The registered method decides what is looked at. Where a secret was presented and there is
 * none to compare it with, the same work is done in vain.
 */
export function authenticateRequest(
  request: BackChannelRequest,
  form: FormParameters,
  ports: ClientAuthenticationPorts,
  settings: AuthorizationServerSettings,
  now: number,
  explain?: StepRecorder,
): Awaitable<Result<AuthenticatedClient, Failure>> {
  if (request.certificateRefusal !== undefined) {
    explain?.begin('certificate')
    return fail({ reason: 'certificate_source_refused', refusal: request.certificateRefusal })
  }
  explain?.begin('credentials')
  const presented = oneCredential(form, request.authorization)
  if (!presented.ok) return presented
  const credentials = presented.value
  explain?.passed({ clientId: credentials.clientId, presented: credentials.kind })

  explain?.begin('client')
  return andThen(
    reach('clients', () => ports.clients.find(credentials.clientId)),
    (found) => {
      const usable = usableClient(found, credentials, settings)
      if (!usable.ok) return comparedInVain(usable, credentials, ports)
      const client = usable.value
      explain?.passed({ clientId: client.clientId, method: client.authentication.method, binding: client.binding })
      const evidence = gatherEvidence(client, credentials, request, ports, settings, now, explain)
      if ('ok' in evidence && !evidence.ok && evidence.failure.reason === 'client_method_mismatch') {
        return comparedInVain(evidence, credentials, ports)
      }
      return andThen(evidence, (gathered) => {
        const authenticated = authenticateClient(client, gathered as never)
        if (authenticated.ok) explain?.passed(provenBy(authenticated.value))
        return authenticated
      })
    },
  )
}

/** The client that a request says it is from, before anything is proven. */
export function claimedClientId({ form, authorization }: BackChannelRequest): string | undefined {
  const presented = form.ok ? oneCredential(form.value, authorization) : form
  return presented.ok ? presented.value.clientId.slice(0, maximumShown) : undefined
}

function oneCredential(
  form: FormParameters,
  authorization: string | readonly string[] | undefined,
): Result<PresentedCredentials, Failure> {
  if (typeof authorization !== 'object') return presentedCredentials(form, authorization)
  return authorization.length > 1
    ? fail({ reason: 'authorization_header_malformed', problem: 'repeated' })
    : presentedCredentials(form, authorization[0])
}

function usableClient(
  client: RegisteredClient | undefined,
  credentials: PresentedCredentials,
  settings: AuthorizationServerSettings,
): Result<RegisteredClient, Failure> {
  if (client === undefined)
    return fail({ reason: 'client_unknown', clientId: credentials.clientId.slice(0, maximumShown) })
  if (client.disabled) return fail({ reason: 'client_disabled', clientId: client.clientId })
  const { method } = client.authentication
  return settings.authenticationMethods.includes(method)
    ? ok(client)
    : fail({ reason: 'client_method_not_offered', registered: method, offered: settings.authenticationMethods })
}

function provenBy(authenticated: AuthenticatedClient): Readonly<Record<string, unknown>> {
  const { certificate, client } = authenticated
  const { authentication } = client
  if (authentication.method !== 'tls_client_auth') return { certificate }
  const { subject } = authentication
  const expected = { kind: subject.kind, value: expectedSubjectText(subject) }
  return { certificate, expected, ...recognizedClient(authenticated) }
}

/** Refuses after the work of a comparison, so that the time does not tell which client has a secret. */
function comparedInVain(
  refused: Result<never, Failure>,
  credentials: PresentedCredentials,
  ports: ClientAuthenticationPorts,
): Awaitable<Result<never, Failure>> {
  if (credentials.kind !== 'client_secret_basic' && credentials.kind !== 'client_secret_post') return refused
  const compared = reach('secrets', () => ports.secrets.verify(credentials.secret, undefined))
  return compared instanceof Promise ? compared.then(() => refused) : refused
}

/** As long as a client id may be. */
const maximumShown = 256
