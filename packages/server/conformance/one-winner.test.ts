import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databases, openDatabase } from './databases.ts'
import { startStoreProcess } from './store-process.ts'

const rounds = process.env['HOLDFAST_LONG'] === '1' ? 1000 : 20
const callsPerProcess = 4

const now = Math.floor(Date.now() / 1000)
const authorization = {
  clientId: 'acme',
  subject: 'alice',
  scope: [],
  audience: [],
  authentication: { time: now, amr: ['pwd'] },
  createdAt: now,
  expiresAt: now + 3600,
}
const issued = { clientId: 'acme', authorizationId: 'authorization', scope: [], issuedAt: now, expiresAt: now + 3600 }
const device = {
  kind: 'device_code',
  clientId: 'acme',
  scope: [],
  audience: [],
  interval: 5,
  issuedAt: now,
  expiresAt: now + 3600,
}

/** What a redemption keeps when it wins. */
function earned(id: string): object {
  return { accessToken: { jti: id, expiresAt: now + 600 }, refreshToken: { digest: `${id}-refresh`, record: issued } }
}

type Values = readonly unknown[]

interface Contest {
  /** The calls that make the thing, one after the other. */
  readonly make: (id: string) => readonly (readonly [method: string, ...values: Values])[]
  readonly use: (id: string, caller: string) => readonly [method: string, ...values: Values]
  readonly won: (answer: unknown) => boolean
}

const contests: Readonly<Record<string, Contest>> = {
  'an authorization code': {
    make: (id) => [['authorizationCodes.issue', id, issued]],
    use: (id, caller) => ['authorizationCodes.redeem', id, earned(`${id}-${caller}`)],
    won: (answer) => answer === 'redeemed',
  },
  'a refresh token': {
    make: (id) => [['refreshTokens.issue', id, issued]],
    use: (id, caller) => [
      'refreshTokens.rotate',
      id,
      `${id}-${caller}`,
      issued,
      now,
      0,
      { accessToken: { jti: `${id}-${caller}`, expiresAt: now + 600 } },
    ],
    won: (answer) => answer === 'rotated',
  },
  'a request_uri': {
    make: (id) => [['oneTime.keep', id, { id }, now + 3600]],
    use: (id) => ['oneTime.take', id],
    won: (answer) => answer !== undefined && answer !== null,
  },
  'a request_uri that becomes an authorization': {
    make: (id) => [['oneTime.keep', id, { id }, now + 3600]],
    use: (id, caller) => [
      'authorizations.give',
      {
        id: `${id}-${caller}`,
        record: authorization,
        code: { digest: `${id}-${caller}`, record: { ...issued, authorizationId: `${id}-${caller}` } },
        uses: [{ purpose: 'pushed_request', digest: id }],
      },
    ],
    won: (answer) => (answer as { readonly outcome: string }).outcome === 'given',
  },
  'a device code': {
    make: (id) => [
      ['decoupled.request', id, device, id],
      ['decoupled.decide', id, { authorizationId: 'authorization' }],
    ],
    use: (id) => ['decoupled.poll', id, 'acme', now],
    won: (answer) => (answer as { readonly outcome: string }).outcome === 'approved',
  },
  'a jti': {
    make: () => [],
    use: (id) => ['replay.take', 'assertion', id, now + 3600],
    won: (answer) => answer === 'first',
  },
}

for (const database of databases) {
  test(`P1 ${database}: of concurrent uses from two processes exactly one wins, in ${rounds} rounds of each kind`, async (t) => {
    const at = await openDatabase(t, database)
    if (at === undefined) return
    const processes = [await startStoreProcess(at.settings), await startStoreProcess(at.settings)] as const
    t.after(() => Promise.all(processes.map((one) => one.kill())))
    await processes[0].call('authorizations.grant', 'authorization', authorization)
    const winners = [0, 0]
    for (const [what, { make, use, won }] of Object.entries(contests)) {
      for (let round = 0; round < rounds; round++) {
        const id = `${what}-${round}`
        for (const [method, ...values] of make(id)) await processes[round % 2 === 0 ? 0 : 1].call(method, ...values)
        const answers = await Promise.all(
          Array.from({ length: callsPerProcess * 2 }, (_, caller) => {
            const [method, ...values] = use(id, String(caller))
            return processes[(round + caller) % 2 === 0 ? 0 : 1].call(method, ...values)
          }),
        )
        const winning = answers.flatMap((answer, caller) => (won(answer) ? [caller] : []))
        assert.equal(winning.length, 1, `${what}, round ${round}: ${JSON.stringify(answers)}`)
        const side = (round + Number(winning[0])) % 2
        winners[side] = Number(winners[side]) + 1
      }
    }
    t.diagnostic(`won by the one process ${winners[0]} times, by the other ${winners[1]} times`)
    assert.ok(Math.min(...winners) > 0, 'one process never won: they did not contend')
  })
}

for (const database of databases) {
  test(`${database}: nothing that is issued while its authorization is revoked in another process outlives it`, async (t) => {
    const at = await openDatabase(t, database)
    if (at === undefined) return
    const processes = [await startStoreProcess(at.settings), await startStoreProcess(at.settings)] as const
    t.after(() => Promise.all(processes.map((one) => one.kill())))
    for (let round = 0; round < rounds; round++) {
      const id = `authorization-${round}`
      const token = { ...issued, authorizationId: id, subject: 'alice', audience: [] }
      await processes[0].call('authorizations.grant', id, authorization)
      const names = Array.from({ length: callsPerProcess * 2 }, (_, at) => `${id}-${at}`)
      const issue = (name: string): readonly Promise<unknown>[] => [
        processes[0].call('authorizationCodes.issue', name, token),
        processes[0].call('refreshTokens.issue', name, token),
        processes[0].call('accessTokens.issue', name, token),
        processes[0].call('authorizations.issue', id, { accessToken: { jti: name, expiresAt: now + 3600 } }),
      ]
      await Promise.all(names.slice(0, 2).flatMap(issue))
      assert.deepEqual(await processes[1].call('revokedTokens.isRevoked', names[0]), false)
      assert.notEqual(await processes[1].call('refreshTokens.find', names[0]), undefined)
      const late = await Promise.all([
        ...names.slice(2, 5).flatMap(issue),
        processes[1].call('authorizations.revoke', id),
        ...names.slice(5).flatMap(issue),
      ])
      const ended = new Set(late.flatMap((answer, at) => (answer === 'ended' ? [at] : [])))
      const isIssued = (at: number): boolean => at < 2 || !ended.has(at < 5 ? (at - 2) * 4 + 3 : (at - 2) * 4 + 4)
      for (const [at, name] of names.entries()) {
        const [code, refreshToken, accessToken, jwtRevoked] = await Promise.all([
          processes[0].call('authorizationCodes.redeem', name),
          processes[1].call('refreshTokens.find', name),
          processes[0].call('accessTokens.find', name),
          processes[1].call('revokedTokens.isRevoked', name),
        ])
        assert.deepEqual(
          [code, refreshToken, accessToken, jwtRevoked],
          ['unknown', undefined, undefined, isIssued(at)],
          name,
        )
      }
    }
  })
}
