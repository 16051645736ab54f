import { ok } from '@holdfast/core'
import type { Result, SigningAlgorithm } from '@holdfast/core'

import { freshness } from '../http/freshness.ts'
import type { JsonRequest } from '../http/json-request.ts'
import type { Issuer } from '../metadata/issuer.ts'
import type { KeySetFailure } from './key-set.ts'
import { givenKeySource, publishedKeySource } from './key-source.ts'
import type { KeySource } from './key-source.ts'

/** The issuer's keys: as given, from a given address, or from where the issuer's metadata says. */
export function issuerKeySource(
  option: { readonly jwks: unknown } | { readonly jwksUri: string | undefined },
  allowed: readonly SigningAlgorithm[],
  issuer: Issuer,
  request: JsonRequest,
): Result<KeySource, KeySetFailure> {
  if ('jwks' in option) return givenKeySource(option.jwks, allowed)
  const { jwksUri } = option
  return ok(
    publishedKeySource(async () => {
      const url = jwksUri === undefined ? await issuer.jwksUri() : ok(jwksUri)
      if (!url.ok) return url
      const answer = await request(url.value)
      return answer.ok ? ok({ jwks: answer.value.json, freshSeconds: freshness(answer.value.headers) }) : answer
    }, allowed),
  )
}
