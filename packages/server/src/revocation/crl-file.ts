import { readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { formatDistinguishedName } from '@holdfast/x509'
import type { CertificateRevocationList } from '@holdfast/x509'
import { acceptCrls } from './accept-crls.ts'
import type { CrlAnswer } from './create-crl-parser.ts'
import type { CrlSource, CrlSourceParts } from './crl-source.ts'

/**
 * A file of CRLs, in DER or PEM, that is read again whenever it was changed: each look asks the file system, so that what is
 * written takes effect with the next request. What cannot be used does not take the place of what was read before.
 */
export function crlFile(path: string, parts: CrlSourceParts): CrlSource {
  const { trust, parser, candidates, maximumOctets, events } = parts
  let crls: readonly CertificateRevocationList[] = []
  let problem: string | undefined
  let seen: string | undefined
  let inFlight: Promise<void> | undefined

  function failed(text: string): void {
    if (text === problem) return
    problem = text
    events.failed({ trust, kind: 'crl', origin: path, problem: text, kept: crls.length > 0 ? 'yes' : 'no' })
  }

  function settle({ parsed }: CrlAnswer): void {
    if (!parsed.ok) return failed(parsed.failure.problem)
    const accepted = acceptCrls(crls, parsed.value, path)
    if (!accepted.ok) return failed(accepted.failure.problem)
    problem = undefined
    if (accepted.value === crls) return
    crls = accepted.value
    for (const crl of crls) {
      const { thisUpdate, nextUpdate, revoked } = crl
      const issuer = formatDistinguishedName(crl.issuer)
      events.loaded({ trust, kind: 'crl', origin: path, issuer, entries: revoked.count, thisUpdate, nextUpdate })
    }
  }

  function read(stats: Stats): Promise<void> | undefined {
    if (!stats.isFile()) return void failed('not a file')
    if (stats.size > maximumOctets) return void failed(`longer than ${maximumOctets} bytes`)
    if (stats.size > parser.atOnce) {
      const reading = readFile(path)
        .then((octets) => parser.parse(octets, candidates()))
        .then(settle, (error: unknown) => failed(codeOf(error)))
      return reading
    }
    try {
      const answer = parser.parse(new Uint8Array(readFileSync(path)), candidates())
      if (answer instanceof Promise) return answer.then(settle)
      settle(answer)
    } catch (error) {
      failed(codeOf(error))
    }
    return undefined
  }

  function look(always: 'always' | 'when_changed'): Promise<void> | undefined {
    if (inFlight !== undefined) return inFlight
    let stats: Stats
    try {
      stats = statSync(path)
    } catch (error) {
      seen = undefined
      return void failed(codeOf(error))
    }
    const { mtimeMs, size, ino } = stats
    const stamp = `${ino} ${size} ${mtimeMs}`
    if (stamp === seen && always === 'when_changed') return undefined
    seen = stamp
    inFlight = read(stats)?.finally(() => (inFlight = undefined))
    return inFlight
  }

  return {
    origin: path,
    get crls() {
      return crls
    },
    get problem() {
      return problem
    },
    look: () => look('when_changed'),
    load: () => look('always'),
    close: () => undefined,
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
}
