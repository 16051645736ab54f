import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PageContext } from '../frame.ts'
import { templateProblem } from '../frame.ts'
import { languageOf } from '../text/choose-language.ts'
import { accountPage } from './account-page.ts'
import { approvalPage } from './approval-page.ts'
import { consentPage } from './consent-page.ts'
import { devicePage } from './device-page.ts'
import { errorPage } from './error-page.ts'
import { formPostPage } from './form-post-page.ts'
import { loginPage } from './login-page.ts'
import { logoutPage } from './logout-page.ts'
import { secondFactorPage } from './second-factor-page.ts'

const evil = `"><script>alert(1)</script>'\u202e`
const client = { clientId: evil, name: evil, uri: 'javascript:alert(1)', policy: 'https://client.example/policy' }
const asked = {
  scope: [
    { scope: 'openid', choice: 'fixed' as const },
    { scope: evil, choice: 'free' as const },
  ],
  audience: [evil],
  details: [{ type: evil, [evil]: { deep: evil } }],
}
const context = (tag: string): PageContext => ({
  language: languageOf(tag, tag === 'ar' ? { direction: 'rtl' } : {}),
  otherLanguages: [{ tag: 'de', name: 'Deutsch', href: '/login?ticket=1&lang=de' }],
  serviceName: evil,
  csrf: evil,
  styleVersion: '1',
})

const pages: Readonly<Record<string, (context: PageContext) => string>> = {
  login: (page) =>
    loginPage(page, {
      client,
      action: '/login',
      ticket: evil,
      username: evil,
      again: 'yes',
      password: 'yes',
      passkey: evil,
      certificate: 'yes',
      application: { label: evil },
      upstream: [{ name: 'up', label: evil }],
      error: { key: 'login-upstream-failed', values: { provider: evil } },
    }),
  'second factor': (page) =>
    secondFactorPage(page, { action: '/login', ticket: evil, pending: evil, recovery: 'offered' }),
  'second factor, recovery': (page) =>
    secondFactorPage(page, {
      action: '/login',
      ticket: evil,
      pending: evil,
      recovery: 'tried',
      error: { key: 'factor-recovery-failed' },
    }),
  consent: (page) => consentPage(page, { client, asked, person: evil, action: '/consent', ticket: evil }),
  'device code': (page) => devicePage(page, { step: 'code', code: evil, error: 'device-unknown' }),
  'device confirmation': (page) => devicePage(page, { step: 'confirm', code: evil, client, asked, person: evil }),
  approval: (page) =>
    approvalPage(page, { person: evil, waiting: [{ id: evil, client, asked, bindingMessage: evil, until: 1 }] }),
  logout: (page) => logoutPage(page, { step: 'ask', person: evil, client, ticket: evil }),
  'logged out': (page) =>
    logoutPage(page, { step: 'done', told: 'yes', back: { href: 'https://client.example/', client } }),
  account: (page) =>
    accountPage(page, {
      person: evil,
      grants: [{ id: evil, client, asked, since: 1 }],
      sessions: [
        { id: evil, here: 'yes', since: 1 },
        { id: evil, here: 'no', since: 1 },
      ],
      waiting: 'yes',
      security: {
        password: { change: 'yes', shortest: 12 },
        totp: { state: 'new', key: 'ABCDEFGH', link: 'otpauth://totp/x', pending: evil, picture: [[true]] },
        passkeys: { list: [{ id: evil, name: evil, since: 1 }], options: evil },
      },
    }),
  'account with codes': (page) =>
    accountPage(page, {
      person: evil,
      grants: [],
      sessions: [],
      waiting: 'no',
      security: {
        password: { change: 'no', shortest: 12 },
        totp: { state: 'on', recovery: { left: 10, codes: [evil] } },
      },
    }),
  error: (page) => errorPage(page, { what: 'error-request', reference: evil, code: evil, description: evil }),
  'form post': (page) => formPostPage(page, { action: 'https://client.example/cb', fields: { [evil]: evil } }),
}

for (const [name, page] of Object.entries(pages)) {
  test(`${name}: nothing that a stranger wrote becomes markup, script or style`, () => {
    const text = page(context('en'))
    assert.ok(!text.includes('<script>'), 'a script of a stranger')
    assert.ok(!/\son[a-z]+=/.test(text), 'an event handler')
    assert.ok(!/\sstyle=|<style/.test(text), 'an inline style')
    assert.ok(!/href="javascript:/i.test(text), 'a script behind a link')
    for (const [, script = ''] of text.matchAll(/<script([^>]*)>/g)) assert.match(script, /src="\/ui\/[a-z-]+\.js/)
  })

  test(`${name}: every id is there once, every label has its field, and language and direction are said`, () => {
    const text = page(context('ar'))
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    assert.deepEqual(
      ids.filter((id, at) => ids.indexOf(id) !== at),
      [],
    )
    for (const [, field] of text.matchAll(/<label for="([^"]*)"/g)) assert.ok(ids.includes(field), String(field))
    for (const [, names = ''] of text.matchAll(/aria-(?:labelledby|describedby)="([^"]*)"/g))
      for (const id of names.split(' ')) assert.ok(ids.includes(id), id)
    assert.match(text, /<html lang="ar" dir="rtl">/)
    assert.equal(text.split('<h1>').length, 2)
  })

  test(`${name}: every form that is ours carries the token against forged requests`, () => {
    const forms = page(context('de')).split('<form').slice(1)
    for (const form of forms)
      assert.ok(form.includes('name="csrf"') || form.includes('action="https://client.example/cb"'), form.slice(0, 80))
  })
}

test('a client is named without characters that turn or hide what stands beside it', () => {
  assert.ok(!(pages['consent']?.(context('en')) ?? '').split('<ul')[0]?.includes('client-name">\u202e'))
})

test('fields have the autocomplete tokens that password managers look for', () => {
  const login = pages['login']?.(context('en')) ?? ''
  assert.match(login, /id="username"[^>]*autocomplete="username webauthn"/s)
  assert.match(login, /id="password"[^>]*autocomplete="current-password"/s)
  assert.match(pages['second factor']?.(context('en')) ?? '', /autocomplete="one-time-code"/)
})

test('an operator’s document is used when every part has its place, and refused when one has not', () => {
  const template =
    '<!doctype html><html lang="{{lang}}" dir="{{dir}}"><head><title>{{title}}</title>{{head}}</head><body class="own">{{content}}</body></html>'
  assert.equal(templateProblem(template), undefined)
  assert.match(templateProblem(template.replace('{{head}}', '')) ?? '', /head/)
  assert.match(
    errorPage({ ...context('en'), template }, { what: 'error-not-found', reference: 'r' }),
    /<body class="own">/,
  )
})
