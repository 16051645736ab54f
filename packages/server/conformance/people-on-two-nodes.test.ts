import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '@holdfast/server'
import { createFormBrowser } from './form-browser.ts'
import { code, password, startPeopleSite } from './people-site.ts'
import { load, sendRequest } from './test-server.ts'
import type { TestServer } from './test-server.ts'

test('two servers on one store give an attacker the guesses of one, whichever he asks, and a session of one is known to the other', async (t) => {
  const site = await startPeopleSite(t)
  const second = await startServer(load(site.server.file), { clock: site.clock })
  t.after(() => second.close())
  const port = Number(/:([0-9]+)$/.exec(second.addresses[0] ?? '')?.[1])
  const nodes: readonly TestServer[] = [
    site.server,
    { ...site.server, port, send: (sent) => sendRequest(port, site.server.authority.rootPem, sent) },
  ]
  const attackers = nodes.map((node) => createFormBrowser(node))
  const pages = await Promise.all(attackers.map((browser) => browser.open(code())))
  const guesses = await Promise.all(
    Array.from({ length: 16 }, (_, at) => {
      const [browser, page] = [attackers[at % 2], pages[at % 2]]
      assert.ok(browser !== undefined && page !== undefined)
      return browser.press(page, 'submit', { username: 'ada', password: `guess ${at}` })
    }),
  )
  const statuses = guesses.map(({ status }) => status)
  assert.deepEqual(
    [400, 429].map((status) => statuses.filter((one) => one === status).length),
    [5, 11],
  )
  site.clock.advance(60)
  const [browser, page] = [attackers[1], pages[1]]
  assert.ok(browser !== undefined && page !== undefined)
  const consent = await browser.press(page, 'submit', { username: 'ada', password })
  assert.match(consent.text, /Allow access/)
  const moved = createFormBrowser(site.server)
  for (const [name, value] of browser.cookies) moved.cookies.set(name, value)
  assert.match((await moved.open('/account')).text, /<h1>Your account<\/h1>/)
})
