import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { createFetchText } from './fetch-text.ts'
import type { FetchedText, FetchFailure, FetchOptions } from './fetch-text.ts'

export type { FetchFailure } from './fetch-text.ts'

export interface FetchedJson {
  readonly value: unknown
  /** Seconds of `Cache-Control: max-age`, when the answer has one. */
  readonly maxAge: number | undefined
}

/** Fetches JSON from a URL that a client registered. Never rejects. */
export type FetchJson = (url: string) => Promise<Result<FetchedJson, FetchFailure>>

/** Makes a fetcher for JSON at other people's URLs, within the bounds of fetch-text.ts. */
export function createFetchJson(options: Omit<FetchOptions, 'accept'>): FetchJson {
  const fetchText = createFetchText({ ...options, accept: 'application/jwk-set+json, application/json' })
  return async (url) => {
    const fetched = await fetchText(url)
    const value = jsonOf(fetched)
    return value.ok ? ok({ value: value.value, maxAge: fetched.ok ? fetched.value.maxAge : undefined }) : value
  }
}

/** What was fetched, as JSON. */
export function jsonOf(fetched: Result<FetchedText, FetchFailure>): Result<unknown, FetchFailure> {
  if (!fetched.ok) return fetched
  try {
    return ok(JSON.parse(fetched.value.text) as unknown)
  } catch {
    return fail({ problem: 'not JSON' })
  }
}
