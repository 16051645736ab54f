import { fail, ok, type Result } from '@holdfast/x509'
import type { ClientEncryptionKey, ClientKeys } from '../client-registration/client-keys.ts'
import type { EncryptionRegistration } from '../client-registration/encryption-registration.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { JweAlgorithm } from '../jose/jwe-algorithm.ts'
import type { Encrypter } from '../port/encrypter.ts'
import type { RegisteredKeys } from '../port/registered-keys.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { publishedKeys } from './client-signature.ts'

export interface EncryptedAnswerPorts {
  readonly registeredKeys: RegisteredKeys
  /** Absent where answers are not encrypted. */
  readonly encrypter?: Encrypter
}

/**
 * A signed answer as the client registered to get it: as it is, or encrypted to the client's key (RFC 7519 §11.2).
 *
 * Never as it is where encryption was registered: without a key there is no answer.
 */
export async function encryptedAnswer(
  jwt: string,
  { encryption }: Pick<RegisteredClient, 'encryption'>,
  kind: Exclude<keyof EncryptionRegistration, 'keys' | 'requestObject'>,
  ports: EncryptedAnswerPorts,
): Promise<Result<string, Failure>> {
  const method = encryption?.[kind]
  if (encryption === undefined || method === undefined) return ok(jwt)
  const { algorithm } = method
  const unavailable = (problem: string): Result<never, Failure> =>
    fail({ reason: 'encryption_key_unavailable', algorithm, problem })
  const { keys: source } = encryption
  if (ports.encrypter === undefined || source === undefined) return unavailable('answers are not encrypted here')
  const known =
    source.kind === 'registered'
      ? ok(source.keys)
      : await publishedKeys(source.uri, (keys) => keyFor(keys, algorithm) !== undefined, ports)
  if (!known.ok) {
    const { failure } = known
    return unavailable(failure.reason === 'registered_keys_unavailable' ? failure.problem : failure.reason)
  }
  const key = keyFor(known.value, algorithm)
  if (key === undefined) return unavailable('no such key in the set of the client')
  try {
    return ok(await ports.encrypter.encrypt(jwt, key, method))
  } catch (cause) {
    return fail({ reason: 'signing_unavailable', cause })
  }
}

/** The first that fits: a client puts its newest key there. */
function keyFor({ encryptionKeys }: ClientKeys, algorithm: JweAlgorithm): ClientEncryptionKey | undefined {
  return encryptionKeys?.find((key) => key.algorithms.includes(algorithm))
}
