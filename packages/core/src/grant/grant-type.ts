import { fail, ok, type Result } from '@holdfast/x509'
import type { GrantType, RegisteredClient } from '../client-registration/registered-client.ts'
import type { GrantFailure, RequestFailure } from '../protocol-error/failure.ts'

/**
 * Decides which grant a token request asks for.
 *
 * RFC 6749 §5.2: a grant that this server does not offer is `unsupported_grant_type`, one that it offers but not to this
 * client is `unauthorized_client`.
 */
export function grantType(
  form: ReadonlyMap<string, string>,
  client: RegisteredClient,
  offered: readonly GrantType[],
): Result<GrantType, GrantFailure | RequestFailure> {
  const presented = form.get('grant_type')
  if (presented === undefined) return fail({ reason: 'parameter_missing', parameter: 'grant_type' })
  const known = offered.find((one) => one === presented)
  if (known === undefined) return fail({ reason: 'grant_type_unknown', presented: presented.slice(0, maximumShown) })
  if (!client.grantTypes.includes(known)) {
    return fail({ reason: 'grant_type_not_registered', presented, registered: client.grantTypes })
  }
  return ok(known)
}

/** As long as the longest registered grant type. */
const maximumShown = 64
