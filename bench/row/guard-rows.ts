import { accessTokenFile, accessTokens } from '../fixture/access-tokens.ts'
import { type BenchOptions, type BenchRow, cpuRatio, shareOfLimit } from './bench-row.ts'
import { type GuardTokens, ownGuard } from './guard-candidates.ts'

/** An API that has seen the token before: every client comes with the same one again. */
export function guardKnownToken(options: BenchOptions): BenchRow {
  const tokens: GuardTokens = { kind: 'known', tokens: accessTokens(options.fixture, options.fixture.clients.length) }
  return {
    id: 'guard',
    title: 'guard, known token',
    contestants: [
      ownGuard(options, { name: 'no guard', script: 'guard-bare.js', checks: 'nothing' }, tokens),
      ownGuard(options, { name: 'holdfast', script: 'guard-holdfast.js', checks: 'all' }, tokens),
      ownGuard(options, { name: 'jose', script: 'guard-jose.js', checks: 'all' }, tokens),
      ownGuard(options, { name: 'express-oauth2-jwt-bearer', script: 'guard-express.js', checks: 'all' }, tokens),
    ],
    targets: [
      {
        text: 'express-oauth2-jwt-bearer',
        unit: '×',
        better: 'higher',
        mustReach: 8,
        aimAt: 8,
        value: cpuRatio('express-oauth2-jwt-bearer', 'holdfast'),
      },
      {
        text: 'jose',
        unit: '×',
        better: 'higher',
        mustReach: 6,
        aimAt: 6,
        value: cpuRatio('jose', 'holdfast'),
      },
      {
        text: 'of a server that checks nothing',
        unit: '%',
        better: 'higher',
        mustReach: 70,
        aimAt: 90,
        value: shareOfLimit('no guard', 'holdfast'),
      },
    ],
  }
}

/** An API that sees every token for the first time. */
export function guardFirstSight(options: BenchOptions): BenchRow {
  const { fixture } = options
  const seconds = (options.warmMilliseconds + options.measureMilliseconds) / 1000
  let file: string | undefined
  const tokens: GuardTokens = {
    kind: 'fresh',
    file: () => (file ??= accessTokenFile(fixture, Math.ceil(seconds * tokensPerSecond))),
    aToken: accessTokens(fixture, 1)[0] ?? '',
  }
  return {
    id: 'first-sight',
    title: 'guard, every token seen for the first time',
    contestants: [
      ownGuard(options, { name: 'limit', script: 'guard-verify.js', checks: 'all' }, tokens),
      ownGuard(options, { name: 'holdfast', script: 'guard-holdfast.js', checks: 'all' }, tokens),
      ownGuard(options, { name: 'jose', script: 'guard-jose.js', checks: 'all' }, tokens),
    ],
    targets: [
      {
        text: 'of one crypto.verify on bare node:http',
        unit: '%',
        better: 'higher',
        mustReach: 90,
        aimAt: 97,
        value: shareOfLimit('limit', 'holdfast'),
      },
    ],
  }
}

/** More than any machine verifies ES256 signatures on one core; a run that uses them up ends its window early. */
const tokensPerSecond = 16_000
