import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { databases, openDatabase } from './databases.ts'
import { startStoreProcess } from './store-process.ts'
import type { StoreProcess } from './store-process.ts'

const kills = process.env['HOLDFAST_LONG'] === '1' ? 200 : 4

const now = Math.floor(Date.now() / 1000)
const authorization = {
  clientId: 'acme',
  subject: 'alice',
  scope: [],
  audience: [],
  authentication: { time: now, amr: ['pwd'] },
  createdAt: now,
  expiresAt: now + 86_400,
}

/** A person's authorization, and how far its client was told that it had come. */
interface Story {
  readonly id: string
  /** Out of a request that is used up by it. */
  readonly given: 'not_yet' | 'giving' | 'given'
  readonly code: 'issued' | 'redeeming' | 'redeemed'
  /** Successors in their order; the last one may not have been answered. */
  readonly refreshTokens: readonly string[]
  readonly rotating: boolean
  readonly revocation: 'no' | 'asked' | 'answered'
}

for (const database of databases) {
  test(`P2 ${database}: ${kills} times kill -9 under load: nothing that was answered is lost, nothing works twice`, async (t) => {
    const at = await openDatabase(t, database, { fsync: 'on' })
    if (at === undefined) return
    const journal = new Map<string, Story>()
    let store: StoreProcess | undefined
    t.after(() => store?.kill())
    let answers = 0
    let databaseKills = 0
    for (let round = 0; round < kills; round++) {
      store = await startStoreProcess(at.settings)
      await checkStories(store, [...journal.values()].slice(-checkedPerRound))
      journal.clear()

      let stop = false
      let answered = 0
      const enough = 20 + Math.floor(Math.random() * 300)
      const running = store
      // Every third time the database itself loses its power, where it is a program of its own.
      const databaseToo = at.postgres !== undefined && round % 3 === 2
      const load = Array.from({ length: clients }, async () => {
        while (!stop) {
          await tellStory(running, journal, () => {
            answers++
            if (++answered !== enough) return
            if (databaseToo) void at.postgres?.kill()
            running.child.kill('SIGKILL')
          })
        }
      }).map((work) => work.catch(goneOnly))
      await new Promise((exited) => running.child.once('exit', exited))
      stop = true
      await Promise.all(load)
      if (databaseToo) {
        await at.postgres?.kill()
        await at.postgres?.start()
        databaseKills++
      }
    }
    store = await startStoreProcess(at.settings)
    await checkStories(store, [...journal.values()])
    assert.ok(answers > kills * 20, `only ${answers} answers`)
    t.diagnostic(`${answers} answers, ${kills} kills, ${databaseKills} of them of the database too`)
  })
}

/** One client's way through a code, its refresh tokens and, for some, the end of it; each answer is written down. */
async function tellStory(store: StoreProcess, journal: Map<string, Story>, answered: () => void): Promise<void> {
  const id = randomUUID()
  const issued = { clientId: 'acme', authorizationId: id, scope: [], issuedAt: now, expiresAt: now + 3600 }
  const step = async (before: Partial<Story>, call: () => Promise<unknown>, after: Partial<Story>): Promise<void> => {
    write(before)
    await call()
    write(after)
    answered()
  }
  const write = (change: Partial<Story>): void => {
    const story = journal.get(id)
    if (story !== undefined) journal.set(id, { ...story, ...change })
  }
  await store.call('oneTime.keep', `${id}-request`, { id }, now + 3600)
  journal.set(id, {
    id,
    given: 'not_yet',
    code: 'issued',
    refreshTokens: [`${id}-0`],
    rotating: false,
    revocation: 'no',
  })
  answered()
  const code = { digest: `${id}-code`, record: issued }
  const uses = [{ purpose: 'pushed_request', digest: `${id}-request` }]
  const give = (): Promise<unknown> => store.call('authorizations.give', { id, record: authorization, code, uses })
  await step({ given: 'giving' }, async () => assert.deepEqual(await give(), { outcome: 'given' }), { given: 'given' })
  const refreshToken = { digest: `${id}-0`, record: issued }
  const earned = { accessToken: { jti: `${id}-0`, expiresAt: now + 600 }, refreshToken }
  const redeem = (): Promise<unknown> => store.call('authorizationCodes.redeem', `${id}-code`, earned)
  await step({ code: 'redeeming' }, async () => assert.equal(await redeem(), 'redeemed'), { code: 'redeemed' })
  const tokens = [`${id}-0`]
  for (let rotation = 1; rotation <= 3; rotation++) {
    const [last, next] = [tokens.at(-1) ?? '', `${id}-${rotation}`]
    tokens.push(next)
    const beside = { accessToken: { jti: next, expiresAt: now + 600 } }
    const rotate = (): Promise<unknown> => store.call('refreshTokens.rotate', last, next, issued, now, 0, beside)
    const before = { refreshTokens: [...tokens], rotating: true }
    await step(before, async () => assert.equal(await rotate(), 'rotated'), { rotating: false })
  }
  if (Math.random() < 0.7) return
  await step({ revocation: 'asked' }, () => store.call('authorizations.revoke', id), { revocation: 'answered' })
}

/** Holds what the new process says against what was answered before. */
async function checkStories(store: StoreProcess, stories: readonly Story[]): Promise<void> {
  await Promise.all(stories.map((story) => checkStory(store, story)))
}

async function checkStory(store: StoreProcess, story: Story): Promise<void> {
  const { id } = story
  const alive = (await store.call('authorizations.find', id)) !== undefined
  const request = await store.call('oneTime.take', `${id}-request`)
  if (story.given === 'not_yet') assert.deepEqual(request, { id }, 'a request that was kept is lost')
  if (story.given === 'given') assert.ok(request === undefined, 'a request was used twice')
  if (story.revocation === 'answered') assert.ok(!alive, 'an authorization that was revoked is there')
  if (story.revocation === 'no' && story.given === 'given') assert.ok(alive, 'an authorization that was given is lost')
  // Both or neither.
  if (story.given === 'giving') assert.equal(alive, request === undefined, 'half of an authorization was kept')
  if (request !== undefined) return assert.ok(!alive, 'an authorization is there and its request, too')

  const first = (await store.call('refreshTokens.find', `${id}-0`)) !== undefined
  const redeemed = await store.call('authorizationCodes.redeem', `${id}-code`)
  if (alive && story.code === 'issued') assert.equal(redeemed, 'redeemed', 'a code that was issued is lost')
  if (alive && story.code === 'redeemed') assert.equal(redeemed, 'reused', 'a code that was redeemed works again')
  if (alive) assert.equal(first, redeemed === 'reused', 'half of what a code earned was kept')
  if (!alive) assert.equal(redeemed, 'unknown', 'a code of a revoked authorization works')
  for (const token of story.refreshTokens.slice(0, story.rotating ? -1 : undefined)) {
    const revoked = await store.call('revokedTokens.isRevoked', token)
    if (story.code === 'redeemed') assert.equal(revoked, !alive, 'an access token does not end with its authorization')
  }
  if (alive && redeemed === 'redeemed') return

  const issued = { clientId: 'acme', authorizationId: id, scope: [], issuedAt: now, expiresAt: now + 3600 }
  const outcomes: unknown[] = []
  for (const token of story.refreshTokens) {
    outcomes.push(await store.call('refreshTokens.rotate', token, `${token}-checked`, issued, now, 0))
  }
  if (!alive)
    return assert.ok(
      outcomes.every((outcome) => outcome === 'unknown'),
      'a token of a revoked one works',
    )
  // Exactly one of the chain works: the last that was answered, or the one that was being made.
  const working = outcomes.flatMap((outcome, at) => (outcome === 'rotated' ? [at] : []))
  const last = story.refreshTokens.length - 1
  const right = story.rotating ? [last - 1, last] : [last]
  assert.equal(working.length, 1, `${working.length} tokens of one chain work`)
  assert.ok(right.includes(working[0] ?? -1), 'a refresh token that was answered is lost')
}

function goneOnly(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'gone' && !String(code).startsWith('store_')) throw error
}

const clients = 16
const checkedPerRound = 400
