import type { MetadataDocument } from '../metadata/authorization-server-metadata.ts'
import type { Answer } from '../protocol-error/answer.ts'

/** A metadata endpoint (RFC 8414 §3): always the same document. `maxAge` in seconds. */
export function createMetadataEndpoint(document: MetadataDocument, maxAge: number): () => Answer {
  const answer: Answer = {
    status: 200,
    headers: Object.freeze({
      'content-type': 'application/json',
      'cache-control': `public, max-age=${maxAge}`,
      'access-control-allow-origin': '*',
    }),
    body: JSON.stringify(document),
  }
  return () => answer
}
