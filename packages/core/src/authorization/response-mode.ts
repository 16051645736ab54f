import { fail, ok, type Result } from '@holdfast/x509'
import type { ResponseType } from '../client-registration/authorization-registration.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { AuthorizationRules } from './authorization-rules.ts'

/** How the answer travels through the browser. */
export interface ResponseMode {
  readonly delivery: 'query' | 'fragment' | 'form_post'
  /** As one signed JWT (JARM). */
  readonly form: 'plain' | 'jwt'
}

/**
 * Decides how the answer travels.
 *
 * OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2, JARM §2.3. What is in an ID token must not stand in a
 * query, signed or not.
 */
export function responseMode(
  presented: string | undefined,
  responseType: ResponseType,
  rules: Pick<AuthorizationRules, 'signedResponses' | 'clauses'>,
): Result<ResponseMode, AuthorizationFailure> {
  const natural = naturalDelivery(responseType)
  const mode = presented === undefined ? ({ delivery: natural, form: 'plain' } as const) : modeOf(presented, natural)
  if (mode === undefined || (mode.delivery === 'query' && natural === 'fragment')) {
    return refused(presented ?? natural, responseType)
  }
  const { signedResponses, clauses } = rules
  const unsigned = mode.form === 'plain'
  if (unsigned && signedResponses === 'with_code' && responseType === 'code') {
    return fail({
      reason: 'response_type_unsupported',
      presented: responseType,
      ...(clauses.signedResponses === undefined ? {} : { clause: clauses.signedResponses }),
    })
  }
  if (unsigned && signedResponses === 'required') {
    return refused(presented ?? natural, responseType, clauses.signedResponses)
  }
  return ok(mode)
}

/** How an error is told when the request's own wish cannot be followed, or not known. */
export function responseModeOfErrors(presented: string | undefined, responseType: string | undefined): ResponseMode {
  const natural = /(^| )(id_token|token)( |$)/.test(responseType ?? '') ? 'fragment' : 'query'
  const mode = presented === undefined ? undefined : modeOf(presented, natural)
  if (mode === undefined || (mode.delivery === 'query' && natural === 'fragment')) {
    return { delivery: natural, form: 'plain' }
  }
  return mode
}

/** Every value of `response_mode` that is understood. */
export function responseModes(): readonly string[] {
  return [...modes.keys()]
}

function modeOf(presented: string, natural: ResponseMode['delivery']): ResponseMode | undefined {
  const mode = modes.get(presented)
  if (mode === undefined) return undefined
  return { delivery: mode.delivery === 'natural' ? natural : mode.delivery, form: mode.form }
}

function naturalDelivery(responseType: ResponseType): ResponseMode['delivery'] {
  return responseType === 'code' ? 'query' : 'fragment'
}

function refused(presented: string, responseType: string, clause?: string): Result<never, AuthorizationFailure> {
  return fail({
    reason: 'response_mode_unsupported',
    presented: presented.slice(0, maximumShown),
    responseType,
    ...(clause === undefined ? {} : { clause }),
  })
}

const modes: ReadonlyMap<
  string,
  { readonly delivery: ResponseMode['delivery'] | 'natural'; readonly form: ResponseMode['form'] }
> = new Map([
  ['query', { delivery: 'query', form: 'plain' }],
  ['fragment', { delivery: 'fragment', form: 'plain' }],
  ['form_post', { delivery: 'form_post', form: 'plain' }],
  ['jwt', { delivery: 'natural', form: 'jwt' }],
  ['query.jwt', { delivery: 'query', form: 'jwt' }],
  ['fragment.jwt', { delivery: 'fragment', form: 'jwt' }],
  ['form_post.jwt', { delivery: 'form_post', form: 'jwt' }],
])

/** As long as the longest mode, and some more. */
const maximumShown = 64
