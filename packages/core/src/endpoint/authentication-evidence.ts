import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticationEvidence } from '../client-authentication/authenticate-client.ts'
import { clientAssertion } from '../client-authentication/client-assertion.ts'
import type { PresentedCredentials } from '../client-authentication/presented-credentials.ts'
import type { AssertionEvidence } from '../client-authentication/private-key-jwt.ts'
import type { CertificateThumbprint, PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import { selfSignedCertificate } from '../client-certificate/self-signed-certificate.ts'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client-registration/registered-client.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { andThen } from './and-then.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { StepRecorder } from './explanation.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { clientSignature, publishedKeys } from './client-signature.ts'
import { reach } from './reach.ts'
import type { AuthorizationServerSettings } from './settings.ts'
import { trustedByProfile } from './trusted-by-profile.ts'

/**
 * Gathers what the registered method of a client is judged by, and nothing else.
 *
 * Credentials of another method are refused. Two exceptions make common clients work with certificates: an empty
 * `client_secret`, which counts as absent, and a superfluous one in the form, which is not read.
 */
export function gatherEvidence(
  client: RegisteredClient,
  credentials: PresentedCredentials,
  request: BackChannelRequest,
  ports: ClientAuthenticationPorts,
  settings: AuthorizationServerSettings,
  now: number,
  explain?: StepRecorder,
): Awaitable<Result<AuthenticationEvidence[ClientAuthenticationMethod], Failure>> {
  const { method } = client.authentication
  explain?.begin('method')
  if (!acceptedCredentials[method].includes(credentials.kind)) {
    return fail(
      credentials.kind === 'none'
        ? { reason: 'client_credentials_missing', registered: method }
        : { reason: 'client_method_mismatch', registered: method, presented: credentials.kind },
    )
  }
  explain?.passed({ registered: method, presented: credentials.kind })
  return gatherers[method](client as never, { credentials, request, ports, settings, now, explain })
}

interface Gathering {
  readonly credentials: PresentedCredentials
  readonly request: BackChannelRequest
  readonly ports: ClientAuthenticationPorts
  readonly settings: AuthorizationServerSettings
  readonly now: number
  readonly explain: StepRecorder | undefined
}

const acceptedCredentials: {
  readonly [Method in ClientAuthenticationMethod]: readonly PresentedCredentials['kind'][]
} = {
  tls_client_auth: ['none', 'client_secret_post'],
  self_signed_tls_client_auth: ['none', 'client_secret_post'],
  private_key_jwt: ['client_assertion'],
  client_secret_basic: ['client_secret_basic'],
  client_secret_post: ['client_secret_post'],
  none: ['none'],
}

const gatherers: {
  readonly [Method in ClientAuthenticationMethod]: (
    client: RegisteredClient<Method>,
    gathering: Gathering,
  ) => Awaitable<Result<AuthenticationEvidence[Method], Failure>>
} = {
  tls_client_auth: trustedEvidence,
  self_signed_tls_client_auth: registeredEvidence,
  private_key_jwt: assertionEvidence,
  client_secret_basic: secretEvidence,
  client_secret_post: secretEvidence,
  none: (_client, { explain }) => {
    explain?.begin('public_client')
    return ok(undefined)
  },
}

function certificateOf(
  client: RegisteredClient,
  { request, explain }: Gathering,
): Result<PresentedCertificate, Failure> {
  explain?.begin('certificate')
  const { certificate } = request
  if (certificate === undefined) {
    return fail({ reason: 'certificate_missing', role: request.role, method: client.authentication.method })
  }
  explain?.passed({
    thumbprint: certificate.thumbprint,
    source: certificate.source,
    furtherCertificates: certificate.chain.length,
  })
  return ok(certificate)
}

function trustedEvidence(
  client: RegisteredClient<'tls_client_auth'>,
  gathering: Gathering,
): Awaitable<Result<AuthenticationEvidence['tls_client_auth'], Failure>> {
  const { request, ports, now, explain } = gathering
  const presented = certificateOf(client, gathering)
  if (!presented.ok) return presented
  const { trust } = client.authentication
  const trusted = trustedByProfile(presented.value, trust, { clientId: client.clientId, request, ports, now, explain })
  return andThen(trusted, (certificate) => {
    explain?.begin('subject')
    return ok({ certificate })
  })
}

function registeredEvidence(
  client: RegisteredClient<'self_signed_tls_client_auth'>,
  gathering: Gathering,
): Awaitable<Result<AuthenticationEvidence['self_signed_tls_client_auth'], Failure>> {
  const { ports, now, explain } = gathering
  const presented = certificateOf(client, gathering)
  if (!presented.ok) return presented
  const { thumbprint } = presented.value

  explain?.begin('registered_certificate')
  return andThen(registeredThumbprints(client, thumbprint, ports), (registered) => {
    if (client.authentication.dates === 'ignored') {
      const certificate = selfSignedCertificate(presented.value, registered, 'ignored')
      return certificate.ok ? ok({ certificate: certificate.value }) : certificate
    }
    const leaf = ports.certificates.leaf(presented.value)
    if (!leaf.ok) return fail({ reason: 'certificate_malformed', thumbprint, problem: leaf.failure })
    const certificate = selfSignedCertificate(presented.value, registered, { leaf: leaf.value, now })
    return certificate.ok ? ok({ certificate: certificate.value }) : certificate
  })
}

function registeredThumbprints(
  client: RegisteredClient<'self_signed_tls_client_auth'>,
  wanted: CertificateThumbprint,
  ports: ClientAuthenticationPorts,
): Awaitable<Result<ReadonlySet<CertificateThumbprint>, Failure>> {
  const { thumbprints, jwksUri } = client.authentication
  if (jwksUri === undefined || thumbprints.has(wanted)) return ok(thumbprints)
  const keys = publishedKeys(jwksUri, (known) => known.thumbprints.has(wanted), ports)
  return andThen(keys, (found) => ok(found.thumbprints))
}

async function secretEvidence(
  client: RegisteredClient<'client_secret_basic'> | RegisteredClient<'client_secret_post'>,
  { credentials, ports, explain }: Gathering,
): Promise<Result<AuthenticationEvidence['client_secret_basic'], Failure>> {
  explain?.begin('secret')
  const secret = 'secret' in credentials ? credentials.secret : ''
  const matched = await reach('secrets', () => ports.secrets.verify(secret, client.authentication.secretHash))
  return matched.ok ? ok({ secret: matched.value ? 'matched' : 'mismatched' }) : matched
}

async function assertionEvidence(
  client: RegisteredClient<'private_key_jwt'>,
  { credentials, ports, settings, now, explain }: Gathering,
): Promise<Result<AssertionEvidence, Failure>> {
  if (credentials.kind !== 'client_assertion') throw new Error('no assertion among the accepted credentials')
  explain?.begin('assertion')
  const { assertion: jws } = credentials
  const strict = client.profile === 'fapi2' || client.profile === 'fapi2-message-signing'
  const audiences = strict ? [settings.issuer] : [settings.issuer, ...settings.assertionAudiences]
  const assertion = clientAssertion(jws, client, audiences, now, strict ? 'one_text' : settings.assertionAudienceForm)
  if (!assertion.ok) return assertion
  explain?.passed({ algorithm: assertion.value.algorithm, kid: jws.header.kid, claims: jws.claims })

  explain?.begin('assertion_signature')
  const { algorithm, jti, rememberUntil } = assertion.value
  const { keys } = client.authentication
  const signature = await clientSignature(jws, algorithm, keys, ports)
  if (!signature.ok) return signature
  if (signature.value !== 'verified') {
    const refused = signature.value === 'key_unknown' ? 'assertion_key_unknown' : 'assertion_signature_invalid'
    return ok({ assertion: assertion.value, signature: { refused, kid: jws.header.kid }, use: 'first' })
  }
  explain?.passed({ algorithm, kid: jws.header.kid })

  explain?.begin('assertion_use')
  const scope = `client_assertion:${client.clientId}`
  const use = await reach('replays', () => ports.replays.take(scope, jti, rememberUntil))
  return use.ok ? ok({ assertion: assertion.value, signature: 'verified', use: use.value }) : use
}
