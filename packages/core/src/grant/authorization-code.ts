import { fail, ok, type Result } from '@holdfast/x509'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { ProvenKey } from '../dpop/proven-key.ts'
import type { AuthorizationCodeRecord } from '../port/authorization-code-store.ts'
import type { DelegatedGrantFailure, DpopFailure } from '../protocol-error/delegated-grant-failure.ts'
import { codeVerifier } from './code-verifier.ts'

/**
 * Decides whether this request may redeem a code, before the code is used up.
 *
 * RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9449 §10. Whether it is the first use the store decides, whether the code is expired
 * whoever used it up. Who presents what is not its own learns nothing and ends nothing.
 */
export function authorizationCode(
  form: ReadonlyMap<string, string>,
  client: Pick<RegisteredClient, 'clientId'>,
  record: AuthorizationCodeRecord,
  key: ProvenKey | undefined,
  sha256: (text: string) => string,
): Result<void, DelegatedGrantFailure | DpopFailure> {
  if (record.clientId !== client.clientId) return fail({ reason: 'code_of_another_client', owner: record.clientId })
  const redirectUri = form.get('redirect_uri')
  if (record.redirectUri !== undefined && redirectUri !== record.redirectUri) {
    return fail({
      reason: 'redirect_uri_mismatch',
      expected: record.redirectUri,
      presented: redirectUri?.slice(0, maximumShown),
    })
  }
  const verified = codeVerifier(form.get('code_verifier'), record.codeChallenge, sha256)
  if (!verified.ok) return verified
  const expected = record.dpopKeyThumbprint
  return expected === undefined || expected === key?.thumbprint
    ? ok(undefined)
    : fail({ reason: 'dpop_key_mismatch', expected, presented: key?.thumbprint })
}

/** Facts of a refusal go into every log record. */
const maximumShown = 200
