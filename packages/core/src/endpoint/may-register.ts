import { fail, ok, ORGANIZATION_IDENTIFIER, type Result, subjectAttributes } from '@holdfast/x509'
import type { TrustedCertificate } from '../client-certificate/trusted-certificate.ts'
import type { DirectoryCertificate } from '../client-registration/open-finance-brasil.ts'
import type { RegistrationPolicy } from '../client-registration/registration-policy.ts'
import type { ClientRecord } from '../client-registration/registration-request.ts'
import { softwareStatement } from '../client-registration/software-statement.ts'
import { parseCompactJws } from '../jose/compact-jws.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { bearerToken } from '../resource-request/bearer-token.ts'
import { clientSignature } from './client-signature.ts'
import type { ClientRegistrationPorts } from './client-registration-ports.ts'
import type { ClientRegistrationRequest } from './client-registration-request.ts'
import { trustedByProfile } from './trusted-by-profile.ts'

/** Whether one of the initial access tokens came along, where one is asked for (RFC 7591 §3). */
export function initialAccess(
  request: ClientRegistrationRequest,
  policy: RegistrationPolicy,
  ports: ClientRegistrationPorts,
): Result<void, Failure> {
  if (policy.initialAccessTokens === undefined) return ok(undefined)
  const token = registrationToken(request)
  if (!token.ok) return token
  return policy.initialAccessTokens.has(ports.opaqueTokens.digest(token.value))
    ? ok(undefined)
    : fail({ reason: 'registration_token_unknown' })
}

/** The bearer token of a registration request. */
export function registrationToken({ authorization }: ClientRegistrationRequest): Result<string, Failure> {
  const token = bearerToken(authorization)
  if (token.ok || token.failure.reason !== 'token_missing') return token
  return fail({ reason: 'registration_token_missing' })
}

/** The certificate of the connection, vouched for by one of the policy's trust profiles; `undefined` where none is asked for. */
export async function registrationCertificate(
  request: ClientRegistrationRequest,
  policy: RegistrationPolicy,
  ports: ClientRegistrationPorts,
  now: number,
): Promise<Result<TrustedCertificate | undefined, Failure>> {
  if (request.certificateRefusal !== undefined) {
    return fail({ reason: 'certificate_source_refused', refusal: request.certificateRefusal })
  }
  if (policy.certificateTrust === undefined) return ok(undefined)
  const { certificate, role } = request
  if (certificate === undefined) return fail({ reason: 'certificate_missing', role, method: 'registration' })
  let refused: Result<never, Failure> | undefined
  for (const trust of policy.certificateTrust) {
    const asking = { clientId: undefined, request: { ...request, form: ok(new Map()) }, ports, now }
    const trusted = await trustedByProfile(certificate, trust, asking)
    if (trusted.ok) return trusted
    refused ??= trusted
  }
  return refused ?? fail({ reason: 'certificate_missing', role, method: 'registration' })
}

/** Whom a directory issued the certificate to: the software by `UID`, the organisation by `OU` or `organizationIdentifier`. */
export function directoryCertificate({ certificate }: TrustedCertificate): DirectoryCertificate {
  const texts = (type: string): readonly string[] =>
    subjectAttributes(certificate, type).flatMap(({ text }) => (text === undefined ? [] : [text]))
  const [softwareId, ...further] = texts(userId)
  const prefixed = texts(ORGANIZATION_IDENTIFIER).filter((text) => text.startsWith(brazilianPrefix))
  return {
    softwareId: further.length === 0 ? softwareId : undefined,
    organizationIds: [...texts(organizationalUnit), ...prefixed.map((text) => text.slice(brazilianPrefix.length))],
  }
}

/** The claims of the software statement of a registration, verified; `undefined` where there is none and none is needed (RFC 7591 §2.3). */
export async function statedMetadata(
  asked: ClientRecord,
  policy: RegistrationPolicy,
  ports: ClientRegistrationPorts,
  now: number,
): Promise<Result<ClientRecord | undefined, Failure>> {
  const statements = policy.softwareStatements
  const text = asked['software_statement']
  if (statements === undefined) return ok(undefined)
  if (text === undefined || text === null || text === '') {
    return statements.demand === 'required' ? fail({ reason: 'software_statement_missing' }) : ok(undefined)
  }
  if (typeof text !== 'string') return refused('not_a_string')
  const jws = parseCompactJws(text)
  if (!jws.ok) return refused(jws.failure.reason === 'malformed' ? jws.failure.problem : jws.failure.reason)
  const statement = softwareStatement(jws.value, statements, now)
  if (!statement.ok) return statement
  const { algorithm, keys, claims } = statement.value
  const signature = await clientSignature(jws.value, algorithm, keys, ports)
  if (!signature.ok) {
    return signature.failure.reason === 'registered_keys_unavailable' ? refused('keys_unavailable') : signature
  }
  return signature.value === 'verified' ? ok(claims) : refused(signature.value)
}

function refused(problem: string): Result<never, Failure> {
  return fail({ reason: 'software_statement_refused', problem })
}

const userId = '0.9.2342.19200300.100.1.1'
const organizationalUnit = '2.5.4.11'
const brazilianPrefix = 'OFBBR-'
