import { fail, ok, type Result } from '@holdfast/x509'
import type { CompactJws } from '../jose/compact-jws.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { RegistrationFailure } from '../protocol-error/registration-failure.ts'
import type { KeySource } from './registered-client.ts'
import type { SoftwareStatementPolicy } from './registration-policy.ts'

/** A statement whose issuer is approved; its signature is still to be verified with these keys. */
export interface SoftwareStatement {
  readonly jws: CompactJws
  readonly issuer: string
  readonly algorithm: JwsAlgorithm
  readonly keys: KeySource
  readonly claims: Readonly<Record<string, unknown>>
}

/** Reads what a software statement says about itself: issuer, algorithm and times (RFC 7591 §2.3). `now` in epoch seconds. */
export function softwareStatement(
  jws: CompactJws,
  policy: SoftwareStatementPolicy,
  now: number,
): Result<SoftwareStatement, RegistrationFailure> {
  const { claims, header } = jws
  const issuer = claims['iss']
  if (typeof issuer !== 'string') return refused('iss_missing')
  const approved = policy.issuers.get(issuer)
  if (approved === undefined) {
    return fail({ reason: 'software_statement_issuer_unknown', presented: issuer.slice(0, maximumShown) })
  }
  const algorithm = approved.algorithms.find((one) => one === header.alg)
  if (algorithm === undefined) return refused('algorithm_not_allowed')
  const { exp, nbf, iat } = claims as { exp?: unknown; nbf?: unknown; iat?: unknown }
  for (const time of [exp, nbf, iat]) {
    if (time !== undefined && (typeof time !== 'number' || !Number.isFinite(time))) return refused('time_malformed')
  }
  if (typeof exp === 'number' && exp <= now) return refused('expired')
  if (typeof nbf === 'number' && nbf > now + clockSkew) return refused('not_yet_valid')
  if (typeof iat === 'number' && iat > now + clockSkew) return refused('issued_in_the_future')
  if (policy.maximumAge !== undefined) {
    if (typeof iat !== 'number') return refused('iat_missing')
    if (now - iat > policy.maximumAge) return refused('too_old')
  }
  return ok({ jws, issuer, algorithm, keys: approved.keys, claims })
}

function refused(problem: string): Result<never, RegistrationFailure> {
  return fail({ reason: 'software_statement_refused', problem })
}

const maximumShown = 200

/** Seconds: clocks of directories and of ours differ. */
const clockSkew = 60
