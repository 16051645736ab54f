import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { clientSecretHash } from '@holdfast/server'
import { listenOnLoopback } from '@holdfast/testkit'
import { totpCode } from '../src/people/totp.ts'
import { startChromium } from './chromium.ts'
import type { Chromium, Tab } from './chromium.ts'
import { fromBase32 } from './people-site.ts'
import { startTestServer } from './test-server.ts'
import type { TestServer } from './test-server.ts'

const password = 'correct horse battery staple'
const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
const code = (more: Readonly<Record<string, string>> = {}): string =>
  `https://as.test/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: 'https://shop.test/cb',
    scope: 'openid profile orders:read',
    prompt: 'consent',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  }).toString()}`

/** Pictures of every page, to be looked at, where a folder for them is named. */
const pictures = process.env['HOLDFAST_TEST_PICTURES']
const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

const cleanUps: (() => unknown)[] = []
const context = { after: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) } as unknown as TestContext
let server: TestServer
let chromium: Chromium

describe('the pages in a real browser', () => {
  const there = spawnSync('chromium', ['--version']).status === 0
  before(async () => {
    if (!there && process.env['HOLDFAST_TEST_SETUP'] === '1')
      throw new Error('chromium is missing, although the set-up should have installed it')
    if (!there) return
    server = await startTestServer(context, {
      clients: [
        {
          client_id: 'shop',
          client_name: 'The Shop',
          client_uri: 'https://shop.test/about',
          policy_uri: 'https://shop.test/privacy',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'shop.test',
          trust: 'partners',
          grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
          redirect_uris: ['https://shop.test/cb'],
          scope: 'openid profile orders:read offline_access',
        },
      ],
      more: {
        people: {
          passkeys: 'on',
          'login-application': {
            url: 'https://people.test/login',
            label: 'Example People',
            'secret-file': 'application.secret',
          },
          users: [
            {
              subject: 'u1',
              username: 'ada',
              password_hash: await clientSecretHash(password),
              claims: { name: 'Ada Lovelace' },
            },
            {
              subject: 'u3',
              username: 'codes',
              password_hash: await clientSecretHash(password),
              claims: { name: 'Six Digits' },
            },
            {
              subject: 'u2',
              username: 'tab',
              password_hash: await clientSecretHash(password),
              claims: { name: 'Tab Key' },
            },
          ],
        },
        ui: {
          'service-name': 'Test Bank',
          languages: ['en', 'de', 'ar'],
          texts: { ar: 'ar.json' },
          'policy-uri': 'https://as.test/privacy',
        },
      },
      files: {
        'application.secret': 's'.repeat(32),
        'ar.json': JSON.stringify({
          direction: 'rtl',
          'login-title': 'تسجيل الدخول',
          username: 'اسم المستخدم',
          password: 'كلمة المرور',
          'login-submit': 'دخول',
        }),
      },
    })
    const shop = server.authority.issueServer(['shop.test'])
    const shopServer = createServer({ cert: shop.chainPem, key: shop.keyPem }, (_, response) =>
      response.setHeader('content-type', 'text/html').end('<title>shop</title>welcome'),
    )
    const shopPort = await listenOnLoopback(context, shopServer)
    const keys = [readFileSync(join(server.directory, 'server.pem'), 'utf8'), shop.chainPem].map((pem) =>
      createHash('sha256')
        .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
        .digest('base64'),
    )
    chromium = await startChromium(context, { 'as.test': server.port, 'shop.test': shopPort }, keys)
  })
  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })
  const inBrowser = (name: string, run: () => Promise<void>): void =>
    void test(name, async (t) =>
      there ? run() : t.skip('chromium is not installed (Debian: apt-get install chromium)'),
    )

  inBrowser(
    'the pages of a second factor are as accessible, in every look: setting it up, recovery codes, and logging in by one',
    async () => {
      const tab = await chromium.newTab()
      await tab.open('https://as.test/account')
      await logIn(tab, 'codes')
      await fill(tab, { 'password-totp': password })
      await tab.follow(() => press(tab, 'submit-totp'))
      await examine(tab, 'totp-new')
      const key = await tab.evaluate<string>('document.getElementById("totp-key").textContent')
      await fill(tab, { code: totpCode(fromBase32(key), Math.floor(Date.now() / 30_000)) })
      await tab.follow(() => press(tab, 'submit-totp'))
      await examine(tab, 'recovery-codes')
      const code = await tab.evaluate<string>('document.querySelector("#recovery-codes code").textContent')
      await tab.open('https://as.test/account')
      await examine(tab, 'totp-on')
      await tab.send('Network.clearBrowserCookies')
      await tab.open('https://as.test/account')
      await logIn(tab, 'codes')
      await examine(tab, 'second-factor')
      await press(tab, 'recovery-open')
      await fill(tab, { 'recovery-code': 'AAAA' })
      await tab.follow(() => press(tab, 'submit-recovery'))
      await examine(tab, 'second-factor-recovery')
      await fill(tab, { 'recovery-code': code })
      await tab.follow(() => press(tab, 'submit-recovery'))
      assert.equal(await tab.evaluate('document.title'), 'Your account · Test Bank')
    },
  )

  inBrowser(
    'WCAG 2.2 AA as far as axe sees it: every page, light, dark and 320 pixels wide, with nothing blocked or cut off',
    async () => {
      const tab = await chromium.newTab()
      await tab.open(code())
      await examine(tab, 'login')
      await fill(tab, { username: 'ada', password: 'wrong' })
      await tab.follow(() => press(tab, 'submit'))
      await examine(tab, 'login-wrong')
      await tab.open(code({ ui_locales: 'ar' }))
      assert.equal(await tab.evaluate('document.documentElement.dir'), 'rtl')
      await examine(tab, 'login-rtl')
      await tab.open(code({ ui_locales: 'de' }))
      await examine(tab, 'login-de')
      await logIn(tab, 'ada')
      await examine(tab, 'consent')
      await tab.follow(() => press(tab, 'allow'))
      assert.match(await tab.url(), /^https:\/\/shop\.test\/cb\?code=/)
      for (const [name, path] of [
        ['account', '/account'],
        ['device', '/device'],
        ['approve', '/approve'],
        ['logout', '/logout'],
        ['error', '/authorize?client_id=nobody'],
      ] as const) {
        await tab.open(`https://as.test${path}`)
        await examine(tab, name)
      }
      await tab.open('https://as.test/logout')
      await tab.follow(() => press(tab, 'submit'))
      await examine(tab, 'logged-out')
      assert.deepEqual(
        tab.complaints.filter((text) => !/40[0-9]|5\d\d/.test(text)),
        [],
      )
    },
  )

  inBrowser('a person with a keyboard alone logs in, allows and arrives, and always sees where he is', async () => {
    const tab = await chromium.newTab()
    await tab.open(code())
    assert.equal(await focused(tab), 'username')
    await tab.type('tab')
    await tab.key('Tab')
    assert.equal(await focused(tab), 'password')
    await tab.type(password)
    await tab.key('Tab')
    assert.equal(await focused(tab), 'submit')
    assert.notEqual(await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none')
    await tab.follow(() => tab.key('Enter'))
    assert.equal(await tab.evaluate('document.title'), 'Allow access? · Test Bank')
    const seen = new Set<string>()
    while (!seen.has('allow') && seen.size < 20) {
      await tab.key('Tab')
      seen.add(await focused(tab))
    }
    assert.ok(seen.has('scope-2'), 'what may be left out can be reached')
    await tab.follow(() => tab.key('Enter'))
    assert.match(await tab.url(), /^https:\/\/shop\.test\/cb\?code=/)
  })

  inBrowser('without JavaScript everything but passkeys works', async () => {
    const tab = await chromium.newTab()
    await tab.send('Emulation.setScriptExecutionDisabled', { value: true })
    await tab.open(code({ response_mode: 'form_post' }))
    assert.equal(await tab.evaluate('document.getElementById("passkey-part").hidden'), true)
    await logIn(tab, 'ada')
    await tab.follow(() => press(tab, 'allow'))
    assert.equal(await tab.evaluate('document.title'), 'One moment · Test Bank')
    await picture(tab, 'form-post')
    await tab.follow(() => press(tab, 'submit'))
    assert.equal(await tab.url(), 'https://shop.test/cb')
  })

  inBrowser('with JavaScript a form-post answer goes its way by itself', async () => {
    const tab = await chromium.newTab()
    await tab.open(code({ response_mode: 'form_post' }))
    await logIn(tab, 'ada')
    await tab.follow(() => press(tab, 'allow'))
    if ((await tab.url()) !== 'https://shop.test/cb') await tab.follow(() => Promise.resolve())
    assert.equal(await tab.url(), 'https://shop.test/cb')
  })

  inBrowser('a passkey is added with the password, and then logs in alone, once for each challenge', async () => {
    const tab = await chromium.newTab()
    await tab.send('WebAuthn.enable')
    await tab.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await tab.open('https://as.test/account')
    await logIn(tab, 'ada')
    await fill(tab, { 'password-passkey': password })
    await tab.follow(() => press(tab, 'passkey'))
    assert.match(await tab.evaluate('document.body.innerText'), /Passkey 1/)
    await examine(tab, 'account-passkey')
    await tab.send('Network.clearBrowserCookies')
    await tab.send('Page.navigate', { url: code() })
    // Chromium may offer the passkey by itself, in the field of the user name; else the button is pressed.
    const look = `document.title.startsWith('Log in') && document.getElementById('passkey')?.click(); document.title`
    const until = Date.now() + 20_000
    let title = ''
    while (!title.startsWith('Allow access?') && Date.now() < until) {
      title = await tab.evaluate<string>(look).catch(() => '')
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    assert.equal(title, 'Allow access? · Test Bank')
  })
})

async function logIn(tab: Tab, username: string): Promise<void> {
  await fill(tab, { username, password })
  await tab.follow(() => press(tab, 'submit'))
}

async function fill(tab: Tab, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [id, value] of Object.entries(fields)) {
    await tab.evaluate(`document.getElementById(${JSON.stringify(id)}).value = ''`)
    await tab.evaluate(`document.getElementById(${JSON.stringify(id)}).focus()`)
    await tab.type(value)
  }
}

/** As a mouse does, in the middle of the button, once it stands still and nothing lies over it. */
async function press(tab: Tab, id: string): Promise<void> {
  const look = `(() => {
    const e = document.getElementById(${JSON.stringify(id)})
    e.scrollIntoView({ block: 'center' })
    const r = e.getBoundingClientRect()
    const [x, y] = [r.x + r.width / 2, r.y + r.height / 2]
    return { x, y, there: e.contains(document.elementFromPoint(x, y)) }
  })()`
  let before: { x: number; y: number } | undefined
  for (let left = 600; ; left--) {
    assert.ok(left > 0, `#${id} does not come to rest, or something lies over it`)
    const { x, y, there } = await tab.evaluate<{ x: number; y: number; there: boolean }>(look)
    if (there && before?.x === x && before.y === y) break
    before = { x, y }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  const at = { ...before, button: 'left', clickCount: 1 }
  await tab.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at })
  await tab.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at })
}

function focused(tab: Tab): Promise<string> {
  return tab.evaluate('document.activeElement.id || document.activeElement.tagName')
}

/** What axe finds, in three looks; nothing may stick out to the side. */
async function examine(tab: Tab, name: string): Promise<void> {
  const own = await tab.evaluate<number>('innerWidth')
  for (const [look, scheme, width] of [
    ['light', 'light', 1024],
    ['dark', 'dark', 1024],
    ['narrow', 'light', 320],
  ] as const) {
    await tab.send('Emulation.setScrollbarsHidden', { hidden: true })
    await tab.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false })
    await picture(tab, `${name}-${look}`)
    const wide = await tab.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    assert.ok(wide <= 0, `${name} ${look}: ${wide} pixels too wide`)
    // The width decides only what is cut off, and the dark only colours.
    if (look === 'narrow') continue
    const found = await tab.evaluate<{
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
    }>(`${axe};axe.run({ runOnly: ${JSON.stringify(scheme === 'dark' ? colours : rules)} })`)
    const told = found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`,
    )
    assert.deepEqual(told, [], `${name} ${look}`)
  }
  await tab.send('Emulation.clearDeviceMetricsOverride')
  await tab.evaluate(
    `(async () => { while (innerWidth !== ${own}) await new Promise((resolve) => setTimeout(resolve, 10)) })()`,
  )
}

async function picture(tab: Tab, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  writeFileSync(join(pictures, `${name}.png`), await tab.screenshot())
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const colours = ['color-contrast', 'link-in-text-block']
