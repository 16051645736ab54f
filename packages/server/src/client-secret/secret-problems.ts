import type { MetadataProblem } from '@holdfast/core'

/** What is wrong with a secret that an operator chose for a client, or with the hash of one. */
export function secretProblems(
  record: Readonly<Partial<Record<'client_secret' | 'client_secret_hash', unknown>>>,
): readonly MetadataProblem[] {
  const { client_secret: secret, client_secret_hash: hash } = record
  const problems: MetadataProblem[] = []
  if (typeof hash === 'string' && !hash.startsWith('$argon2id$')) {
    problems.push({
      path: 'client_secret_hash',
      problem: 'not an argon2id hash in PHC form',
      hint: '$argon2id$v=19$m=…,t=…,p=…$SALT$HASH',
    })
  }
  if (typeof secret === 'string' && secret.length < minimumSecret) {
    problems.push({ path: 'client_secret', problem: `shorter than ${minimumSecret} characters` })
  }
  return problems
}

/** Something that a person could type in; 128 random bits are 22 characters in base64url. */
const minimumSecret = 12
