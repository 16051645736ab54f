import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { listenOnLoopback } from './index.ts'

test('a server on loopback is gone after the test, with connections that were still open', async (t) => {
  const cleanUps: (() => Promise<void>)[] = []
  const server = createServer()
  const port = await listenOnLoopback({ after: (cleanUp) => cleanUps.push(cleanUp) }, server)
  const accepted = once(server, 'connection')
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  await accepted
  const closed = once(socket, 'close')
  for (const cleanUp of cleanUps) await cleanUp()
  await closed
  assert.equal(server.listening, false)
})
