import type { ResponseTarget } from './authorization-request.ts'

/** An answer on its way through the browser. */
export type BrowserAnswer =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'form_post'; readonly action: string; readonly fields: Readonly<Record<string, string>> }

/** The parameters of an answer that is not signed: with `state`, and `iss` against mix-up (RFC 9207 §2). */
export function responseParameters(
  parameters: Readonly<Record<string, string>>,
  { state }: Pick<ResponseTarget, 'state'>,
  issuer: string,
): Readonly<Record<string, string>> {
  return { ...parameters, ...(state === undefined ? {} : { state }), iss: issuer }
}

/** The claims of an answer as one signed JWT (JARM §2.1): `iss` is in them, so that it need not stand beside them (RFC 9207 §2.4). */
export function responseClaims(
  parameters: Readonly<Record<string, string>>,
  { state, clientId }: Pick<ResponseTarget, 'state' | 'clientId'>,
  issuer: string,
  now: number,
): Readonly<Record<string, unknown>> {
  return {
    iss: issuer,
    aud: clientId,
    exp: now + lifetime,
    ...parameters,
    ...(state === undefined ? {} : { state }),
  }
}

/**
 * Puts an answer on its way: into the query, into the fragment, or into a form.
 *
 * RFC 6749 §4.1.2, OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2.
 */
export function authorizationResponse(
  { redirectUri, responseMode }: Pick<ResponseTarget, 'redirectUri' | 'responseMode'>,
  parameters: Readonly<Record<string, string>>,
): BrowserAnswer {
  if (responseMode.delivery === 'form_post') return { kind: 'form_post', action: redirectUri, fields: parameters }
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  if (responseMode.delivery === 'fragment') return { kind: 'redirect', location: `${redirectUri}#${text}` }
  const separator = redirectUri.includes('?') ? (/[?&]$/.test(redirectUri) ? '' : '&') : '?'
  return { kind: 'redirect', location: `${redirectUri}${separator}${text}` }
}

/** Seconds. It is read at once, by who asked for it (JARM §2.1 recommends ten minutes at most). */
const lifetime = 300
