import { type Check, found, nothingSeen, skipped } from '../verdict.ts'

/** Check 23: nothing is taken before the handshake is over (RFC 8446 §8, RFC 8470). */
export const earlyData: Check = {
  number: 23,
  title: 'no early data is taken',
  decide: (evidence) => {
    const { sessions, deployment } = evidence
    if (sessions.length === 0) return deployment.style === 'path' ? skipped('one host for all') : nothingSeen(evidence)
    const hosts = new Set(sessions.flatMap(({ from, earlyData: octets }) => (octets > 0 ? [from] : [])))
    const names = [...hosts].map((role) => (role === 'main' ? deployment.main : deployment.mtls)?.authority ?? '')
    return found(
      names.length === 0
        ? []
        : [
            {
              cause: 'early_data_accepted',
              severity: 'warning',
              what: `${names.join(' and ')} gives sessions that allow early data`,
            },
          ],
      'no session allows it',
    )
  },
}
