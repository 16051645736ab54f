import { isPsd2Role, PSD2_ROLES, type Psd2Role } from '@holdfast/x509'
import type { MetadataProblems } from './metadata-problem.ts'
import type { Psd2Policy } from './registered-client.ts'
import { parseScope } from './scope.ts'

/**
 * Reads which scopes need a role of a payment service provider, and which competent authorities may have given it.
 *
 * ETSI TS 119 495 §5.1. A scope that stands under no role needs none. `registered` is the client's scope: one that it may not ask
 * for is a misspelling, which would leave another without its guard.
 */
export function psd2Policy(
  metadata: ReadonlyMap<string, unknown>,
  registered: readonly string[],
  problems: MetadataProblems,
): Psd2Policy | undefined {
  const roles = metadata.get('scope_for_psd2_role')
  const authorities = metadata.get('psd2_competent_authorities')
  if (roles === undefined && authorities === undefined) return undefined
  return {
    scopes: scopesOfRoles(roles, registered, problems),
    authorities: competentAuthorities(authorities, problems),
  }
}

function scopesOfRoles(
  value: unknown,
  registered: readonly string[],
  problems: MetadataProblems,
): ReadonlyMap<string, readonly Psd2Role[]> {
  const scopes = new Map<string, Psd2Role[]>()
  if (value === undefined) return scopes
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    problems.add('scope_for_psd2_role', 'not a mapping from roles to scope', 'such as { PSP_AI: accounts }')
    return scopes
  }
  for (const [role, text] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const path = `scope_for_psd2_role.${role}`
    if (!isPsd2Role(role)) {
      problems.add(path, 'no role of PSD2', `one of ${PSD2_ROLES.join(', ')}`)
      continue
    }
    const parsed = parseScope(Array.isArray(text) ? text.join(' ') : typeof text === 'string' ? text : '')
    if (!parsed.ok) problems.add(path, 'not scope values', 'such as "accounts balances", or a list of them')
    for (const one of parsed.ok ? parsed.value : []) {
      if (!registered.includes(one)) problems.add(path, `${one} is not in scope`, 'the client may not ask for it')
      scopes.set(one, [...(scopes.get(one) ?? []), role])
    }
  }
  return scopes
}

function competentAuthorities(value: unknown, problems: MetadataProblems): readonly string[] | undefined {
  if (value === undefined) return undefined
  const known: string[] = []
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  if (list.length === 0) problems.add('psd2_competent_authorities', 'not a list with at least one authority')
  for (const [index, authority] of list.entries()) {
    if (typeof authority === 'string' && authorityId.test(authority)) known.push(authority)
    else
      problems.add(
        `psd2_competent_authorities[${index}]`,
        'not the identifier of a competent authority',
        'country and authority in capitals, such as GB-FCA',
      )
  }
  return known
}

/** ETSI TS 119 495 §5.2.3: two letters of the country, two to eight of the authority. */
const authorityId = /^[A-Z]{2}-[A-Z]{2,8}$/
