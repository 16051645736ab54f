import { oneOf, optional } from './shape.ts'
import type { Member } from './shape.ts'

/** The members of a client that wants its answers encrypted, or encrypts its requests: see encryption-metadata.ts of the core. */
export function encryptionClientShape(): Readonly<Record<string, Member<unknown, 'optional'>>> {
  const algorithm = optional(oneOf('ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW', 'RSA-OAEP-256', 'RSA-OAEP'))
  const encoding = optional(oneOf('A256GCM', 'A128GCM', 'A128CBC-HS256'))
  return {
    id_token_encrypted_response_alg: algorithm,
    id_token_encrypted_response_enc: encoding,
    userinfo_encrypted_response_alg: algorithm,
    userinfo_encrypted_response_enc: encoding,
    authorization_encrypted_response_alg: algorithm,
    authorization_encrypted_response_enc: encoding,
    introspection_encrypted_response_alg: algorithm,
    introspection_encrypted_response_enc: encoding,
    request_object_encryption_alg: algorithm,
    request_object_encryption_enc: encoding,
  }
}
