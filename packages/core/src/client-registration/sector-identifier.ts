import type { MetadataProblem } from './metadata-problem.ts'

/**
 * Whether the document at a `sector_identifier_uri` makes the redirect URIs of a client part of its sector.
 *
 * OpenID Connect Core §8.1, Registration §5: a JSON array that has every one of them. Otherwise whoever names the document of
 * somebody else's sector would learn by which identifiers that sector knows people.
 */
export function sectorIdentifier(document: unknown, redirectUris: readonly string[]): MetadataProblem | undefined {
  if (!Array.isArray(document)) return { path: 'sector_identifier_uri', problem: 'not a JSON array' }
  const missing = redirectUris.find((uri) => !document.includes(uri))
  return missing === undefined
    ? undefined
    : { path: 'redirect_uris', problem: `the document at sector_identifier_uri does not name ${missing}` }
}
