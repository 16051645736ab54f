/** The text whose SHA-256 is the thumbprint of a public key (RFC 7638 §3). `publicJwk` has exactly the members that make the key. */
export function jwkThumbprintText(publicJwk: Readonly<Record<string, string>>): string {
  const members = Object.entries(publicJwk).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(Object.fromEntries(members))
}
