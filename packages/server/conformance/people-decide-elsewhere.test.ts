import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createFormBrowser, formWith } from './form-browser.ts'
import { password, startPeopleSite, untilTheEnd } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'
import { claimsOf } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const end = untilTheEnd()
let site: PeopleSite
let server: TestServer

before(async () => {
  site = await startPeopleSite(end)
  server = site.server
})

describe('what a person decides elsewhere', () => {
  test('RFC8628-V14  a device is connected by its code, after a question that shows the code, and once', async () => {
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const started = await server.post(
      '/device_authorization',
      { client_id: 'shop', scope: 'openid orders:read' },
      { certificate },
    )
    assert.equal(started.status, 200, started.text)
    const poll = (): Promise<TestAnswer> => {
      site.clock.advance(10)
      const device_code = String(started.json['device_code'])
      return server.post(
        '/token',
        { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'shop', device_code },
        { certificate },
      )
    }
    assert.equal((await poll()).json['error'], 'authorization_pending')
    const complete = new URL(String(started.json['verification_uri_complete']))
    const browser = createFormBrowser(server)
    const login = await browser.open(complete.pathname + complete.search)
    const entry = await browser.press(login, 'submit', { username: 'ada', password })
    assert.match(entry.text, /<h1>Connect a device<\/h1>/, 'a code in the address is not taken without a look at it')
    const asked = await browser.press(entry, 'submit')
    assert.match(asked.text, /<h1>Connect this device\?<\/h1>/)
    assert.match(asked.text, new RegExp(String(started.json['user_code'])))
    assert.match(asked.text, /If someone sent it to you, refuse/)
    const forged = await browser.post('/device', { ...formWith(asked, 'allow').hidden, csrf: 'x' })
    assert.equal(forged.status, 403)
    assert.match((await browser.press(asked, 'allow')).text, /The device is connected/)
    assert.match((await browser.press(asked, 'allow')).text, /no device waiting/)
    const answer = await poll()
    assert.equal(answer.status, 200, answer.text)
    assert.equal(claimsOf(answer.json['id_token'])['sub'], 'u1')
  })

  test('RFC8628-V15  a device that is refused gets nothing; nobody finds a code by trying many', async () => {
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const started = await server.post(
      '/device_authorization',
      { client_id: 'shop', scope: 'orders:read' },
      { certificate },
    )
    const { browser } = await site.loggedIn()
    const user_code = String(started.json['user_code']).toLowerCase().replace('-', ' ')
    const asked = await browser.press(await browser.open('/device'), 'submit', { user_code })
    assert.match((await browser.press(asked, 'deny')).text, /The device was refused/)
    site.clock.advance(10)
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'shop',
      device_code: String(started.json['device_code']),
    }
    assert.equal((await server.post('/token', form, { certificate })).json['error'], 'access_denied')
    const page = await browser.open('/device')
    const statuses: number[] = []
    for (let guess = 0; guess < 7; guess++)
      statuses.push((await browser.press(page, 'submit', { user_code: `BCDF-BCD${guess}` })).status)
    assert.ok(statuses.includes(429), statuses.join())
  })

  test('a person sees what is asked, by whom and with which words, and approves it or not', async () => {
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const ask = async (binding_message: string): Promise<() => Promise<TestAnswer>> => {
      const form = { client_id: 'shop', scope: 'openid orders:read', login_hint: 'ada', binding_message }
      const started = await server.post('/bc-authorize', form, { certificate })
      assert.equal(started.status, 200, started.text)
      return () => {
        site.clock.advance(10)
        const auth_req_id = String(started.json['auth_req_id'])
        return server.post(
          '/token',
          { grant_type: 'urn:openid:params:grant-type:ciba', client_id: 'shop', auth_req_id },
          { certificate },
        )
      }
    }
    const first = await ask('W4SCT')
    const { browser } = await site.loggedIn()
    assert.match((await browser.open('/account')).text, /waiting for your decision/)
    const page = await browser.open('/approve')
    assert.match(page.text, /W4SCT/)
    assert.match(page.text, /The Shop/)
    assert.match((await browser.press(page, 'allow-1')).text, /Approved/)
    assert.match((await browser.press(page, 'allow-1')).text, /decided already/)
    assert.equal(claimsOf((await first()).json['id_token'])['sub'], 'u1')
    const second = await ask('NO')
    await browser.press(await browser.open('/approve'), 'deny-1')
    assert.equal((await second()).json['error'], 'access_denied')
  })
})
