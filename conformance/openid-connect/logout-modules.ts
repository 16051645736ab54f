import assert from 'node:assert/strict'
import type { FapiBrowser, FapiPage } from '../fapi/fapi-browser.ts'
import { verified } from '../fapi/fapi-driver.ts'
import { errorOf, type OpenidModule } from './basic-modules.ts'
import type { OpenidDriver, OpenidOutcome } from './openid-driver.ts'

/** `oidcc-rp-initiated-logout-certification-test-plan`, by the names without the prefix. */
export const logoutModules: Readonly<Record<string, OpenidModule>> = {
  'discovery-endpoint-verification': async (openid) => {
    assert.match(String((await openid.metadata())['end_session_endpoint']), /^https:/)
  },
  '': async (openid) => {
    const { browser, outcome } = await loggedIn(openid)
    const page = await logOut(browser, { ...named(outcome), state: 'a state & more' })
    assert.deepEqual(page.elsewhere?.href, `https://basic.test/bye?state=a+state+%26+more`)
    await openid.logoutToken()
    await assertLoggedOut(openid, browser)
  },
  'bad-post-logout-redirect-uri': stays((outcome) => ({
    ...named(outcome),
    post_logout_redirect_uri: 'https://attacker.test/',
  })),
  'modified-id-token-hint': stays((outcome) => ({
    ...named(outcome),
    id_token_hint: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${outcome.idTokenText.split('.')[1]}.`,
  })),
  'no-id-token-hint': stays((outcome) => {
    const { id_token_hint: _hint, ...others } = named(outcome)
    return others
  }),
  'no-params': asksAndEnds({}),
  'no-post-logout-redirect-uri': async (openid) => {
    const { browser, outcome } = await loggedIn(openid)
    const page = await logOut(browser, { id_token_hint: outcome.idTokenText })
    assert.equal(page.elsewhere, undefined)
    await openid.logoutToken()
    await assertLoggedOut(openid, browser)
  },
  'no-state': async (openid) => {
    const { browser, outcome } = await loggedIn(openid)
    const page = await logOut(browser, named(outcome))
    assert.deepEqual(page.elsewhere?.href, 'https://basic.test/bye')
    await openid.logoutToken()
    await assertLoggedOut(openid, browser)
  },
  'only-state': asksAndEnds({ state: 'only' }),
  'query-added-to-post-logout-redirect-uri': stays((outcome) => ({
    ...named(outcome),
    post_logout_redirect_uri: 'https://basic.test/bye?foo=bar',
  })),
  'bad-id-token-hint': stays((outcome) => ({ ...named(outcome), id_token_hint: 'bad' })),
}

/** `oidcc-backchannel-rp-initiated-logout-certification-test-plan`. */
export const backchannelLogoutModules: Readonly<Record<string, OpenidModule>> = {
  'discovery-endpoint-verification': async (openid) => {
    const metadata = await openid.metadata()
    assert.equal(metadata['backchannel_logout_supported'], true)
    assert.equal(metadata['backchannel_logout_session_supported'], true)
  },
  'rp-initiated-logout': async (openid) => {
    const { browser, outcome } = await loggedIn(openid)
    await logOut(browser, named(outcome))
    const claims = await verified(openid.server, await openid.logoutToken())
    assert.equal(claims['aud'], openid.basic.id)
    if (claims['sub'] !== undefined) assert.equal(claims['sub'], 'ada')
    assert.equal(claims['sid'], outcome.idToken['sid'])
    assert.deepEqual(claims['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} })
    assert.equal('nonce' in claims, false)
    for (const claim of ['iat', 'exp']) assert.equal(typeof claims[claim], 'number', claim)
    assert.equal(typeof claims['jti'], 'string')
    await assertLoggedOut(openid, browser)
  },
}

async function loggedIn(
  openid: OpenidDriver,
): Promise<{ readonly browser: FapiBrowser; readonly outcome: OpenidOutcome }> {
  const browser = openid.freshBrowser()
  return { browser, outcome: await openid.flow(openid.basic, {}, browser) }
}

function named({ idTokenText }: OpenidOutcome): Record<string, string> {
  return { id_token_hint: idTokenText, post_logout_redirect_uri: 'https://basic.test/bye' }
}

function logOut(browser: FapiBrowser, parameters: Readonly<Record<string, string>>): Promise<FapiPage> {
  return browser.open(`/logout?${new URLSearchParams(parameters).toString()}`)
}

/** Nobody is sent anywhere: an error, a question, or the end of the session at our own place. */
function stays(parameters: (outcome: OpenidOutcome) => Readonly<Record<string, string>>): OpenidModule {
  return async (openid) => {
    const { browser, outcome } = await loggedIn(openid)
    const before = openid.logoutTokens.length
    const page = await logOut(browser, parameters(outcome))
    assert.equal(page.elsewhere, undefined)
    if (page.status === 200 && !page.text.includes('value="logout"')) await openid.logoutToken()
    else assert.equal(openid.logoutTokens.length, before)
  }
}

function asksAndEnds(parameters: Readonly<Record<string, string>>): OpenidModule {
  return async (openid) => {
    const { browser } = await loggedIn(openid)
    const question = await logOut(browser, parameters)
    const page = await browser.press(question, 'submit')
    assert.equal(page.status, 200)
    await openid.logoutToken()
    await assertLoggedOut(openid, browser)
  }
}

async function assertLoggedOut(openid: OpenidDriver, browser: FapiBrowser): Promise<void> {
  const page = await openid.open(openid.basic, { prompt: 'none' }, browser)
  assert.equal(errorOf(openid, page), 'login_required')
}
