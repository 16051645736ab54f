import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { listenOnLoopback } from '@holdfast/testkit'
import { createFormBrowser } from './form-browser.ts'
import type { BrowserPage, FormBrowser } from './form-browser.ts'
import { code, idTokenClaims, peopleSettings, startPeopleSite, untilTheEnd } from './people-site.ts'
import type { PeopleSite, PeopleSiteSettings } from './people-site.ts'

const secret = 'a-secret-of-forty-characters-and-no-less'
const end = untilTheEnd()
let application: Application
let site: PeopleSite

before(async () => {
  application = await startApplication()
  site = await startPeopleSite(end, {
    files: { 'application.secret': `${secret}\n` },
    people: {
      'login-application': {
        url: `${application.origin}/login?tenant=7`,
        label: 'Example People',
        'secret-file': 'application.secret',
        'acr-values': ['urn:example:gold', 'urn:example:silver'],
      },
    },
  })
  application.channel = channelTo(site)
})
/** To the application: the browser with the address that it was sent to. */
async function sent(path: string = code()): Promise<{ readonly browser: FormBrowser; readonly to: URL }> {
  const browser = createFormBrowser(site.server)
  const page = await browser.press(await browser.open(path), 'application')
  assert.ok(page.elsewhere !== undefined, page.text)
  assert.equal(page.elsewhere.origin, application.origin)
  return { browser, to: page.elsewhere }
}

const handleOf = (to: URL): string => to.searchParams.get('handle') ?? ''
const pathOf = (url: URL): string => url.pathname + url.search
const now = (): number => site.clock.now()

describe('a login application of the operator', () => {
  test('is told for whom a login is, logs the person in, and the client hears how and when', async () => {
    const { browser, to } = await sent(code({ acr_values: 'urn:example:silver', login_hint: 'ada', ui_locales: 'de' }))
    assert.equal(to.searchParams.get('tenant'), '7', 'its own parameters stay')
    application.logsIn = { username: 'ADA', amr: ['pwd', 'sms'], acr: 'urn:example:silver', auth_time: now() - 5 }
    const back = await application.visit(to)
    assert.deepEqual(application.told, {
      client_id: 'shop',
      client_name: 'The Shop',
      login_hint: 'ada',
      again: false,
      acr_values: ['urn:example:silver'],
      essential_acr_values: [],
      ui_locales: ['de'],
    })
    assert.equal(back.origin, 'https://as.test')
    const consent = await browser.open(pathOf(back))
    assert.match(consent.text, /<h1>(Allow access\?|Zugriff erlauben\?)<\/h1>/)
    const claims = idTokenClaims(await site.tokens(await browser.press(consent, 'allow')))
    assert.equal(claims['sub'], 'u1')
    assert.equal(claims['acr'], 'urn:example:silver')
    assert.deepEqual(claims['amr'], ['pwd', 'sms'])
    assert.equal(claims['auth_time'], now() - 5)
    const logged = site.audit().findLast(({ event }) => event === 'person_logged_in')
    assert.equal(logged?.['way'], 'application')
    assert.equal(logged?.['subject'], 'u1')
  })

  test('says no: the client is told access_denied, and on the way to a page of ours the person is told', async () => {
    const { browser, to } = await sent()
    application.logsIn = 'nobody'
    const denied = await browser.open(pathOf(await application.visit(to)))
    assert.equal(denied.elsewhere?.searchParams.get('error'), 'access_denied')
    const account = await sent('/account')
    const page = await account.browser.open(pathOf(await application.visit(account.to)))
    assert.equal(page.status, 403)
    assert.match(page.text, /That login did not work/)
    assert.equal(account.browser.cookies.has('__Host-holdfast'), false)
  })

  test('a handle that an attacker began lets nobody in: not him with the victim’s login, not the victim with his', async () => {
    const attacker = await sent()
    application.logsIn = { username: 'ada', auth_time: now() }
    // The victim follows the attacker's link, and the application knows her.
    const back = await application.visit(attacker.to)
    const victim = createFormBrowser(site.server)
    await victim.open(code())
    assert.equal((await victim.open(pathOf(back))).status, 400, 'her browser is not the one that began')
    assert.equal(victim.cookies.has('__Host-holdfast'), false)
    const { browser } = attacker
    for (const guess of ['', `?return=${handleOf(attacker.to)}`, `?handle=${handleOf(attacker.to)}`, '?return=x'])
      assert.equal((await browser.open(`/login/application${guess}`)).status, 400, 'the handle is not the way back')
    assert.equal(browser.cookies.has('__Host-holdfast'), false)
    const refused = site.audit().filter(({ event, way }) => event === 'login_refused' && way === 'application')
    assert.ok(refused.length >= 5)
  })

  test('the way back is good once, for a minute', async () => {
    const { browser, to } = await sent('/account')
    application.logsIn = { subject: 'u1', auth_time: now() }
    const back = await application.visit(to)
    assert.match((await browser.open(pathOf(back))).text, /<h1>Your account<\/h1>/)
    const first = browser.cookies.get('__Host-holdfast')
    browser.cookies.delete('__Host-holdfast')
    assert.equal((await browser.open(pathOf(back))).status, 400)
    assert.notEqual(first, undefined)
    const late = await sent('/account')
    const lateBack = await application.visit(late.to)
    site.clock.advance(61)
    assert.equal((await late.browser.open(pathOf(lateBack))).status, 400)
  })

  test('of many answers to one handle one is taken, and after it no other', async () => {
    const { to } = await sent()
    const answer = { handle: handleOf(to), subject: 'u1', auth_time: now() }
    const answers = await Promise.all(Array.from({ length: 12 }, () => application.channel('accept', answer)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array<number>(11).fill(404)])
    assert.equal((await application.channel('accept', answer)).status, 404)
    assert.equal((await application.channel('describe', answer)).status, 404)
    const old = await sent()
    site.clock.advance(901)
    assert.equal((await application.channel('accept', { ...answer, handle: handleOf(old.to) })).status, 404)
  })

  test('a proof from before does not do where the client wants a new one', async () => {
    const { browser, to } = await sent()
    application.logsIn = { subject: 'u1', auth_time: now() - 500 }
    await browser.press(await browser.open(pathOf(await application.visit(to))), 'allow')
    site.clock.advance(10)
    const again = await browser.press(await browser.open(code({ prompt: 'login' })), 'application')
    assert.ok(again.elsewhere !== undefined)
    const handle = handleOf(again.elsewhere)
    assert.equal((await application.channel('describe', { handle })).json['again'], true)
    const old = await application.channel('accept', { handle, subject: 'u1', auth_time: now() - 11 })
    assert.deepEqual([old.status, old.json['error']], [400, 'authentication_too_old'])
    application.logsIn = { subject: 'u1', auth_time: now() }
    const done: BrowserPage = await browser.open(pathOf(await application.visit(again.elsewhere)))
    assert.equal(done.elsewhere?.host, 'shop.test')
    assert.equal(done.elsewhere.searchParams.get('error'), null)
  })

  test('what it may not say is refused, with the reason for it and for the audit, and the login still waits', async () => {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:example:gold'] } } })
    const { to } = await sent(code({ claims }))
    const right = { handle: handleOf(to), subject: 'u1', auth_time: now(), acr: 'urn:example:gold' }
    const wrong: readonly (readonly [object, number, string])[] = [
      [{ acr: 'phr' }, 400, 'authentication_context_unknown'],
      [{ acr: 'urn:example:silver' }, 400, 'authentication_context_unmet'],
      [{ auth_time: now() + 60 }, 400, 'authentication_in_the_future'],
      [{ subject: 'u2' }, 403, 'person_unknown'],
      [{ subject: 'nobody' }, 403, 'person_unknown'],
      [{ subject: undefined, username: 'stranger' }, 403, 'person_unknown'],
      [{ username: 'ada' }, 400, 'invalid_request'],
      [{ subject: undefined }, 400, 'invalid_request'],
      [{ subject: 7 }, 400, 'invalid_request'],
      [{ auth_time: 'now' }, 400, 'invalid_request'],
      [{ auth_time: undefined }, 400, 'invalid_request'],
      [{ amr: 'pwd' }, 400, 'invalid_request'],
      [{ roles: ['admin'] }, 400, 'invalid_request'],
      [{ handle: 7 }, 400, 'invalid_request'],
      [{ handle: 'x'.repeat(300) }, 404, 'unknown_handle'],
    ]
    for (const [laid, status, error] of wrong) {
      const answer = await application.channel('accept', { ...right, ...laid })
      assert.deepEqual([answer.status, answer.json['error']], [status, error], JSON.stringify(laid))
    }
    assert.equal((await application.channel('accept', right)).status, 200)
  })

  test('nobody else speaks for it', async () => {
    const { to } = await sent()
    const body = JSON.stringify({ handle: handleOf(to), subject: 'u1', auth_time: now() })
    const json = { 'content-type': 'application/json' }
    for (const headers of [
      json,
      { ...json, authorization: 'Bearer ' },
      { ...json, authorization: `Bearer ${secret}x` },
      { ...json, authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` },
      { ...json, authorization: [`Bearer ${secret}`, `Bearer ${secret}`] },
    ]) {
      const answer = await site.server.send({ method: 'POST', path: '/login-application/accept', headers, body })
      assert.equal(answer.status, 401, JSON.stringify(headers))
    }
    const right = { ...json, authorization: `Bearer ${secret}` }
    const path = '/login-application/accept'
    assert.equal(
      (await site.server.send({ method: 'POST', path, host: 'mtls.as.test', headers: right, body })).status,
      404,
    )
    assert.equal((await site.server.send({ path, headers: right })).status, 405)
    const form = { ...right, 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await site.server.send({ method: 'POST', path, headers: form, body })).status, 400)
    assert.equal((await site.server.send({ method: 'POST', path, headers: right, body: '[]' })).status, 400)
    const text = JSON.stringify(site.audit())
    assert.ok(!text.includes(secret) && !text.includes(handleOf(to)))
    assert.equal((await site.server.send({ method: 'POST', path, headers: right, body })).status, 200)
  })
})

test('with a certificate it speaks at the host that asks for one; sent there at once, nobody sees a page of ours', async (t) => {
  const own = await startPeopleSite(t, {
    people: {
      password: 'off',
      'login-application': {
        url: `${application.origin}/login`,
        certificate: { trust: 'partners', dns: 'people.example' },
        start: 'at-once',
        'unknown-people': 'add',
      },
    },
  })
  const browser = createFormBrowser(own.server)
  const to = (await browser.open('/account')).elsewhere
  assert.ok(to !== undefined)
  const send = (host: string, dns: string | undefined): Promise<{ readonly status: number; readonly to: string }> => {
    const certificate = dns === undefined ? undefined : own.server.authority.issue({ san: { dns: [dns] } })
    const body = JSON.stringify({
      handle: handleOf(to),
      username: 'new@example.com',
      auth_time: own.clock.now(),
      claims: { name: 'New' },
    })
    const headers = { 'content-type': 'application/json' }
    return own.server
      .send({
        method: 'POST',
        path: '/login-application/accept',
        host,
        headers,
        body,
        ...(certificate && { certificate }),
      })
      .then(({ status, json }) => ({ status, to: String(json['redirect_to']) }))
  }
  assert.equal((await send('as.test', undefined)).status, 404)
  assert.equal((await send('mtls.as.test', undefined)).status, 401)
  assert.equal((await send('mtls.as.test', 'shop.test')).status, 401)
  const taken = await send('mtls.as.test', 'people.example')
  assert.equal(taken.status, 200)
  const account = await browser.open(pathOf(new URL(taken.to)))
  assert.match(account.text, /<bdi>New<\/bdi>/)
})

test('the application in the guide, started as it stands there, logs a person in, once a reload says where it is', async (t) => {
  const guide = readFileSync(new URL('../../../docs/guide/people.md', import.meta.url), 'utf8')
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(guide) ?? []
  const settings = (url: string): PeopleSiteSettings => ({
    files: { 'application.secret': secret },
    identities: { local: ['localhost'] },
    people: { password: 'off', 'login-application': { url, 'secret-file': 'application.secret', start: 'at-once' } },
    more: {
      issuer: 'https://localhost',
      hosts: {
        localhost: { role: 'main', tls: { certificate: 'local.pem', key: 'local.key' } },
        'mtls.as.test': { role: 'mtls' },
      },
    },
    options: { clock: { now: () => Math.floor(Date.now() / 1000) } },
  })
  const local = await startPeopleSite(t, settings('https://elsewhere.test/login'))
  const { directory, port } = local.server
  writeFileSync(join(directory, 'application.mjs'), program)
  const child = spawn(process.execPath, ['application.mjs'], {
    cwd: directory,
    env: {
      HOLDFAST: `https://localhost:${port}`,
      SECRET_FILE: 'application.secret',
      PORT: '0',
      NODE_EXTRA_CA_CERTS: join(directory, 'partners.pem'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk))),
  )
  local.server.configure(await peopleSettings(settings(said.trim())))
  assert.ok((await local.server.server.reload()).ok)

  const browser = createFormBrowser(local.server, 'https://localhost')
  const to = (await browser.open('/account')).elsewhere
  assert.equal(to?.href.split('?')[0], said.trim())
  const visit = (password: string): Promise<Response> => {
    const basic = Buffer.from(`ada:${password}`).toString('base64')
    return fetch(to, { redirect: 'manual', headers: { authorization: `Basic ${basic}` } })
  }
  assert.equal((await visit('wrong')).status, 401)
  const back = new URL((await visit('lovelace')).headers.get('location') ?? '')
  assert.match((await browser.open(pathOf(back))).text, /<bdi>Ada L\.<\/bdi>/)
})

interface Application {
  readonly origin: string
  /** Whom it knows in the browser that comes next. */
  logsIn: Readonly<Record<string, unknown>> | 'nobody'
  /** What it was told of the last login. */
  told: unknown
  channel: Channel
  /** A browser comes; where it is sent back to. */
  visit(to: URL): Promise<URL>
}

type Channel = (
  verb: 'describe' | 'accept' | 'reject',
  body: object,
) => Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }>

/** A small application: it looks up what it is asked, says who it is, and sends the browser back. */
async function startApplication(): Promise<Application> {
  const listening = createServer((request, response) => {
    void (async () => {
      const handle = new URL(request.url ?? '', made.origin).searchParams.get('handle') ?? ''
      made.told = (await made.channel('describe', { handle })).json
      const { logsIn } = made
      const answer =
        logsIn === 'nobody'
          ? await made.channel('reject', { handle })
          : await made.channel('accept', { handle, ...logsIn })
      response.writeHead(303, { location: String(answer.json['redirect_to']) }).end()
    })()
  })
  const port = await listenOnLoopback(end, listening)
  const made: Application = {
    origin: `http://localhost:${port}`,
    logsIn: 'nobody',
    told: undefined,
    channel: () => Promise.reject(new Error('nothing to speak to')),
    visit: async (to) => {
      const answer = await fetch(to, { redirect: 'manual' })
      return new URL(answer.headers.get('location') ?? '')
    },
  }
  return made
}

/** The back channel as an application uses it: JSON over TLS, with its secret. */
function channelTo({ server }: PeopleSite): Channel {
  return (verb, body) =>
    new Promise((resolve, reject) => {
      const outgoing = httpsRequest(
        {
          host: '127.0.0.1',
          port: server.port,
          servername: 'as.test',
          ca: server.authority.rootPem,
          path: `/login-application/${verb}`,
          method: 'POST',
          agent: false,
          headers: { host: 'as.test', 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        },
        (incoming) => {
          let text = ''
          incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              json: JSON.parse(text) as Readonly<Record<string, unknown>>,
            }),
          )
        },
      )
      outgoing.on('error', reject)
      outgoing.end(JSON.stringify(body))
    })
}
