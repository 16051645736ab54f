import { type Seen, seenText } from '../probe/seen.ts'
import { type Check, type Found, found, skipped, unknown } from '../verdict.ts'

/** Check 20: a token is good with its certificate, and with nothing else (RFC 8705 §3). */
export const boundTokens: Check = {
  number: 20,
  title: 'tokens are good with their certificate alone',
  decide: ({ tokens }) => {
    if (tokens === undefined) return skipped('on request: --client-id, --cert, --key')
    const { issued } = tokens
    if (issued.kind !== 'answer' || issued.status !== 200)
      return found(
        [
          {
            cause: 'token_refused',
            severity: 'fault',
            what: `the test client gets no token: ${seenText(issued)}${issued.kind === 'answer' && issued.error !== undefined ? ` (${issued.error})` : ''}`,
          },
        ],
        '',
      )
    const findings: Found[] = []
    if (tokens.bound === 'no')
      findings.push({
        cause: 'token_not_bound',
        severity: 'fault',
        what: 'the token names no certificate (cnf is missing)',
      })
    if (tokens.withCertificate !== undefined && !accepted(tokens.withCertificate))
      findings.push({
        cause: 'api_refuses_owner',
        severity: 'fault',
        what: `with its certificate the token meets ${seenText(tokens.withCertificate)}`,
      })
    const taken = [
      ['no certificate', tokens.withoutCertificate],
      ['another certificate', tokens.withOtherCertificate],
      ['a forged header', tokens.withForgedHeader],
    ].flatMap(([how, seen]) => (accepted(seen as Seen | undefined) ? [how as string] : []))
    if (taken.length > 0)
      findings.push({
        cause: 'api_ignores_binding',
        severity: 'fault',
        what: `the token is taken with ${taken.join(', with ')}`,
      })
    if (findings.length > 0) return found(findings, '')
    if (tokens.withCertificate === undefined)
      return tokens.bound === 'yes'
        ? found([], 'it is bound; no API was named')
        : unknown('an opaque token, and no --resource')
    return found([], 'taken with its certificate, refused without, with another, with a forged header')
  },
}

function accepted(seen: Seen | undefined): boolean {
  return seen?.kind === 'answer' && seen.status >= 200 && seen.status < 300
}
