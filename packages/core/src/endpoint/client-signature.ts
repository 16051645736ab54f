import { fail, ok, type Result } from '@holdfast/x509'
import type { ClientKey, ClientKeys } from '../client-registration/client-keys.ts'
import type { KeySource } from '../client-registration/registered-client.ts'
import type { CompactJws } from '../jose/compact-jws.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { RegisteredKeysFailure } from '../port/registered-keys.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import { reach } from './reach.ts'

/**
 * Whether one of the client's keys made a signature, fetching its keys when they are not at hand. A handful of keys is tried at most.
 */
export async function clientSignature(
  jws: CompactJws,
  algorithm: JwsAlgorithm,
  source: KeySource,
  ports: Pick<ClientAuthenticationPorts, 'registeredKeys' | 'assertions'>,
): Promise<Result<'verified' | 'key_unknown' | 'signature_invalid', Failure>> {
  const { kid } = jws.header
  const known =
    source.kind === 'registered'
      ? ok(source.keys)
      : await publishedKeys(source.uri, (keys) => candidates(keys, kid, algorithm).length > 0, ports)
  if (!known.ok) return known
  const keys = candidates(known.value, kid, algorithm)
  if (keys.length === 0) return ok('key_unknown')
  for (const key of keys) {
    const verified = await reach('assertions', () => ports.assertions.verify(jws, algorithm, key))
    if (!verified.ok) return verified
    if (verified.value) return ok('verified')
  }
  return ok('signature_invalid')
}

/** The keys behind a `jwks_uri`; asked for once more when they are not yet the ones that are looked for. */
export async function publishedKeys(
  jwksUri: string,
  enough: (keys: ClientKeys) => boolean,
  ports: Pick<ClientAuthenticationPorts, 'registeredKeys'>,
): Promise<Result<ClientKeys, Failure>> {
  const known = answered(jwksUri, await reach('registered_keys', () => ports.registeredKeys.keys(jwksUri)))
  if (!known.ok || enough(known.value)) return known
  const fresh = answered(jwksUri, await reach('registered_keys', () => ports.registeredKeys.keysAfresh(jwksUri)))
  return fresh.ok ? fresh : known
}

function answered(
  jwksUri: string,
  reached: Result<Result<ClientKeys, RegisteredKeysFailure>, Failure>,
): Result<ClientKeys, Failure> {
  if (!reached.ok) return reached
  const keys = reached.value
  return keys.ok ? keys : fail({ reason: 'registered_keys_unavailable', jwksUri, problem: keys.failure.problem })
}

function candidates(keys: ClientKeys, kid: string | undefined, algorithm: JwsAlgorithm): readonly ClientKey[] {
  return keys.keys
    .filter(
      (key) => key.algorithms.includes(algorithm) && (kid === undefined || key.kid === undefined || key.kid === kid),
    )
    .slice(0, maximumCandidates)
}

/** Keys tried for one JWT without `kid`: each costs a signature check. */
const maximumCandidates = 5
