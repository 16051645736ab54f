import { choiceMember, type Members } from './member-readers.ts'
import { MetadataProblems } from './metadata-problem.ts'
import type {
  Binding,
  CertificateAuthentication,
  RegisteredAuthentication,
  ReportOnlyRule,
  ReportOnlyRules,
} from './registered-client.ts'

/** Both are ours, and the operator's alone. */
export const reportOnlyMembers: readonly string[] = ['report_only', 'report_only_authentication']

/**
 * Reads which rules a client tries out; `undefined`: none.
 *
 * What holds already cannot be tried out, so that nobody weakens a rule by writing it down twice. `authentication` reads the
 * members of a record as for a client that is registered by them.
 */
export function reportOnlyMetadata(
  members: Members,
  holding: { readonly binding: Binding; readonly dpop?: 'required' },
  authentication: (members: Members, problems: MetadataProblems) => RegisteredAuthentication | undefined,
  problems: MetadataProblems,
): ReportOnlyRules | undefined {
  const binding = choiceMember(members, 'report_only', ['certificate_bound', 'dpop_bound', 'bound'], problems)
  if (binding !== undefined && holds(binding, holding)) {
    problems.add('report_only', `${binding} holds for this client already`, 'leave it out')
  }
  const tried = triedAuthentication(members, authentication, problems)
  if (binding === undefined && tried === undefined) return undefined
  return {
    ...(binding === undefined ? undefined : { binding }),
    ...(tried === undefined ? undefined : { authentication: tried }),
  }
}

function holds(
  rule: ReportOnlyRule,
  { binding, dpop }: { readonly binding: Binding; readonly dpop?: 'required' },
): boolean {
  const byCertificate = binding === 'required'
  const byKey = dpop === 'required'
  return (rule !== 'dpop_bound' && byCertificate) || (rule !== 'certificate_bound' && byKey)
}

function triedAuthentication(
  members: Members,
  authentication: (members: Members, problems: MetadataProblems) => RegisteredAuthentication | undefined,
  problems: MetadataProblems,
): CertificateAuthentication | undefined {
  const member = 'report_only_authentication'
  const value = members.get(member)
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return problems.add(member, 'not an object')
  const written: Members = new Map(Object.entries(value))
  const method = written.get('token_endpoint_auth_method')
  if (method !== 'tls_client_auth' && method !== 'self_signed_tls_client_auth') {
    const hint = 'tls_client_auth or self_signed_tls_client_auth'
    return problems.add(`${member}.token_endpoint_auth_method`, 'not a method that a certificate proves', hint)
  }
  const inside = new MetadataProblems()
  for (const name of written.keys()) {
    if (!ofAuthentication.some((known) => name === known || name.startsWith('tls_client_auth_'))) {
      inside.add(name, 'says nothing of how a client is known by a certificate')
    }
  }
  const tried = authentication(written, inside)
  for (const { path, problem, hint } of inside.found) {
    problems.add(path === '' ? member : `${member}.${path}`, problem, hint)
  }
  return tried?.method === 'tls_client_auth' || tried?.method === 'self_signed_tls_client_auth' ? tried : undefined
}

const ofAuthentication: readonly string[] = [
  'token_endpoint_auth_method',
  'certificate_organization_identifier',
  'spiffe_id',
  'trust',
  'certificate_thumbprints',
  'jwks',
  'jwks_uri',
]
