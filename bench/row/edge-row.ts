import { type BenchOptions, type BenchRow, cpuRatio } from './bench-row.ts'
import { frontContestant } from './edge-candidates.ts'

/** `holdfast edge` beside nginx, both as a reverse proxy that asks for a certificate and hands it on as escaped PEM. */
export function edge(options: BenchOptions): BenchRow {
  return {
    id: 'edge',
    title: 'edge as a reverse proxy, TLS 1.3, client certificate, beside nginx',
    contestants: [
      frontContestant(options, 'nginx handshake', { front: 'nginx', work: 'handshake', tlsGroups: known }),
      frontContestant(options, 'edge handshake', { front: 'edge', work: 'handshake', tlsGroups: known }),
      frontContestant(options, 'edge post-quantum', { front: 'edge', work: 'handshake', tlsGroups: postQuantum }),
      frontContestant(options, 'nginx kept', { front: 'nginx', work: 'kept', tlsGroups: known }),
      frontContestant(options, 'edge kept', { front: 'edge', work: 'kept', tlsGroups: known }),
    ],
    targets: [
      {
        text: 'CPU for a new connection with a certificate and one request, beside nginx',
        unit: '×',
        better: 'lower',
        mustReach: 1.25,
        aimAt: 1,
        value: cpuRatio('edge handshake', 'nginx handshake'),
      },
      {
        text: 'the same with a post-quantum group, beside nginx without one',
        unit: '×',
        better: 'lower',
        value: cpuRatio('edge post-quantum', 'nginx handshake'),
      },
      {
        text: 'CPU for a request on a kept connection, beside nginx',
        unit: '×',
        better: 'lower',
        mustReach: 2.2,
        aimAt: 1.6,
        value: cpuRatio('edge kept', 'nginx kept'),
      },
    ],
  }
}

/** One that both know: the OpenSSL of Node agrees on a post-quantum group by itself, that of Debian's nginx knows none. */
const known = 'X25519'
/** RFC 9794's hybrid, what Node and browsers prefer. */
const postQuantum = 'X25519MLKEM768:X25519'
