import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { before, describe, test } from 'node:test'
import { listenOnLoopback } from '@holdfast/testkit'
import { createFormBrowser } from './form-browser.ts'
import { peopleSettings, startPeopleSite, untilTheEnd } from './people-site.ts'
import type { PeopleSite, PeopleSiteSettings } from './people-site.ts'

const end = untilTheEnd()
const hosts = {
  'as.test': { role: 'main' },
  'mtls.as.test': { role: 'mtls' },
  'card.as.test': { role: 'login-certificate', tls: { certificate: 'card.pem', key: 'card.key' } },
}
const settings: PeopleSiteSettings = { identities: { card: ['card.as.test'] }, more: { hosts } }
let site: PeopleSite
let issuer: string

before(async () => {
  const provider = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
      }),
    ),
  )
  issuer = `http://localhost:${await listenOnLoopback(end, provider)}`
  site = await startPeopleSite(end, settings)
})

async function reload(people: object): Promise<boolean> {
  site.server.configure(await peopleSettings({ ...settings, people }))
  const { ok } = await site.server.server.reload()
  return ok
}

async function acrValues(): Promise<unknown> {
  const { json } = await site.server.send({ path: '/.well-known/openid-configuration' })
  return json['acr_values_supported']
}

const loginText = async (): Promise<string> => (await createFormBrowser(site.server).open('/account')).text

describe('a reload', () => {
  test('brings passkeys, takes them away, and the metadata follows', async () => {
    const contexts = await acrValues()
    assert.deepEqual(contexts, [
      'https://refeds.org/profile/mfa',
      'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    ])
    assert.doesNotMatch(await loginText(), /id="passkey"/)
    assert.equal(await reload({ passkeys: 'on' }), true)
    assert.match(await loginText(), /id="passkey"/)
    assert.deepEqual(await acrValues(), ['phr', ...contexts])
    assert.equal(await reload({}), true)
    assert.doesNotMatch(await loginText(), /id="passkey"/)
    assert.deepEqual(await acrValues(), contexts)
  })

  test('brings an upstream provider, changes its client, and takes it away, also from whoever is on the way back', async () => {
    const corp = { issuer, 'client-id': 'one', label: 'Corp' }
    assert.equal((await createFormBrowser(site.server).open('/login/upstream/corp?state=x')).status, 404)
    assert.equal(await reload({ upstream: { corp } }), true)
    const browser = createFormBrowser(site.server)
    const to = (await browser.press(await browser.open('/account'), 'upstream-corp')).elsewhere
    assert.equal(to?.searchParams.get('client_id'), 'one')
    assert.equal(await reload({ upstream: { corp: { ...corp, 'client-id': 'two' } } }), true)
    const then = (await browser.press(await browser.open('/account'), 'upstream-corp')).elsewhere
    assert.equal(then?.searchParams.get('client_id'), 'two')
    assert.equal(await reload({}), true)
    const back = await browser.open(`/login/upstream/corp?code=c&state=${then.searchParams.get('state') ?? ''}`)
    assert.equal(back.status, 404)
    assert.doesNotMatch(await loginText(), /upstream-corp/)
  })

  test('brings certificates of people and takes them away on both hosts', async () => {
    const card = (): Promise<{ readonly status: number }> => site.server.send({ path: '/login', host: 'card.as.test' })
    assert.equal((await card()).status, 404)
    assert.equal(await reload({ certificates: { trust: 'partners' } }), true)
    assert.match(await loginText(), /id="certificate"/)
    assert.equal((await card()).status, 303)
    assert.deepEqual(((await acrValues()) as string[])[0], 'phr')
    assert.equal(await reload({}), true)
    assert.doesNotMatch(await loginText(), /id="certificate"/)
    assert.equal((await card()).status, 404)
    assert.equal((await createFormBrowser(site.server).open('/login/certificate?handover=x')).status, 404)
  })

  test('switches passwords off for pages that were shown before, too', async () => {
    const browser = createFormBrowser(site.server)
    const page = await browser.open('/account')
    assert.equal(await reload({ password: 'off', passkeys: 'on' }), true)
    const refused = await browser.press(page, 'submit', { username: 'ada', password: 'correct horse battery staple' })
    assert.doesNotMatch(refused.text, /id="username"/)
    assert.equal(browser.cookies.has('__Host-holdfast'), false)
    assert.equal(await reload({}), true)
  })

  test('of a configuration that is wrong changes nothing', async () => {
    assert.equal(await reload({ certificates: { trust: 'nobody' }, passkeys: 'on' }), false)
    assert.doesNotMatch(await loginText(), /id="passkey"|id="certificate"/)
    assert.equal(await reload({}), true)
  })
})
