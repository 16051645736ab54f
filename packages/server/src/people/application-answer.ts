import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'

/** What a login application says about a login. */
export type ApplicationAnswer =
  | { readonly kind: 'reject' }
  | {
      readonly kind: 'accept'
      /** By `sub`, or by a name as at login. */
      readonly who: { readonly subject: string } | { readonly username: string }
      /** Epoch seconds. */
      readonly authTime: number
      readonly amr: readonly string[]
      readonly acr: string | undefined
      /** Of somebody who gets an account by this. */
      readonly claims: Readonly<Record<string, unknown>>
    }

/** Reads the members of an accepting answer; what is not understood is refused rather than left out. */
export function applicationAnswer(members: Readonly<Record<string, unknown>>): Result<ApplicationAnswer, string> {
  const { handle: _, subject, username, auth_time, amr = [], acr, claims = {}, ...others } = members
  const [other] = Object.keys(others)
  if (other !== undefined) return fail(`${other} is not understood`)
  if ((subject === undefined) === (username === undefined)) return fail('either subject or username says who it is')
  const who = subject === undefined ? text(username, longestName) : text(subject, longestSubject)
  if (who === undefined) return fail(`${subject === undefined ? 'username' : 'subject'} is not text, or too long`)
  if (typeof auth_time !== 'number' || !Number.isSafeInteger(auth_time) || auth_time < 0)
    return fail('auth_time is not a number of seconds')
  if (!Array.isArray(amr) || amr.length > mostMethods || !amr.every((one) => text(one, longestMethod) !== undefined))
    return fail('amr is not a short list of texts')
  if (acr !== undefined && text(acr, longestSubject) === undefined) return fail('acr is not text, or too long')
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims) || Object.hasOwn(claims, 'sub'))
    return fail('claims is not an object, or says sub')
  return ok({
    kind: 'accept',
    who: subject === undefined ? { username: who } : { subject: who },
    authTime: auth_time,
    amr: amr as readonly string[],
    acr: acr as string | undefined,
    claims: claims as Readonly<Record<string, unknown>>,
  })
}

function text(value: unknown, longest: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined
}

/** OpenID Connect Core §2: `sub`. */
const longestSubject = 255

/** RFC 5321 §4.5.3.1. */
const longestName = 320
const mostMethods = 10
const longestMethod = 64
