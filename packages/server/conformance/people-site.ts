import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import type { TestContext } from 'node:test'
import { clientSecretHash } from '@holdfast/server'
import type { StartOptions } from '@holdfast/server'
import { fixedClock } from '@holdfast/testkit'
import type { FixedClock } from '@holdfast/testkit'
import { createFormBrowser } from './form-browser.ts'
import type { BrowserPage, FormBrowser } from './form-browser.ts'
import { claimsOf, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer, TestSettings } from './test-server.ts'

/** A server with people and a client that acts for them, and browsers in which they log in. */
export interface PeopleSite {
  readonly server: TestServer
  readonly clock: FixedClock
  /** A browser in which `ada` has logged in on the way to `path`. */
  loggedIn(path?: string): Promise<{ readonly browser: FormBrowser; readonly page: BrowserPage }>
  /** Redeems the code that a page led to. */
  tokens(done: BrowserPage): Promise<TestAnswer>
  /** What stands in the audit, in its order. */
  audit(): readonly AuditLine[]
}

export type AuditLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface PeopleSiteSettings {
  /** Members of `people` beside the users. */
  readonly people?: object
  readonly client?: object
  readonly more?: TestSettings['more']
  readonly options?: StartOptions
  readonly identities?: TestSettings['identities']
  readonly files?: TestSettings['files']
}

export const password = 'correct horse battery staple'
export const verifier = 'v'.repeat(43)

/** A request of the client `shop`. */
export const code = (more: Readonly<Record<string, string>> = {}): string =>
  `/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: 'https://shop.test/cb',
    scope: 'openid orders:read',
    state: 's1',
    prompt: 'consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }).toString()}`

/** For what is to end after the tests of a file; called at its top. */
export function untilTheEnd(): Pick<TestContext, 'after'> {
  const cleanUps: (() => unknown)[] = []
  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })
  return { after: (cleanUp) => void cleanUps.push(cleanUp as () => unknown) }
}

/** Starts the server; it ends with `t`. */
export async function startPeopleSite(
  t: Pick<TestContext, 'after'>,
  settings: PeopleSiteSettings = {},
): Promise<PeopleSite> {
  const clock = fixedClock(Math.floor(Date.now() / 1000))
  const server = await startTestServer(
    t,
    await peopleSettings(settings),
    { clock, ...settings.options },
    settings.files,
  )
  const loggedIn: PeopleSite['loggedIn'] = async (path = code()) => {
    const browser = createFormBrowser(server)
    const login = await browser.open(path)
    return { browser, page: await browser.press(login, 'submit', { username: 'ada', password }) }
  }
  return {
    server,
    clock,
    loggedIn,
    tokens: (done) =>
      server.post(
        '/token',
        {
          grant_type: 'authorization_code',
          client_id: 'shop',
          code: done.elsewhere?.searchParams.get('code') ?? '',
          redirect_uri: 'https://shop.test/cb',
          code_verifier: verifier,
        },
        { certificate: server.authority.issue({ san: { dns: ['shop.test'] } }) },
      ),
    audit: () =>
      readFileSync(join(server.directory, 'audit.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as AuditLine),
  }
}

/** The configuration of such a server, to be changed and written anew. */
export async function peopleSettings({
  people = {},
  client = {},
  more = {},
  identities = {},
}: PeopleSiteSettings): Promise<TestSettings> {
  const password_hash = await passwordHash()
  return {
    clients: [
      {
        client_id: 'shop',
        client_name: 'The Shop',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_dns: 'shop.test',
        trust: 'partners',
        grant_types: [
          'authorization_code',
          'refresh_token',
          'urn:ietf:params:oauth:grant-type:device_code',
          'urn:openid:params:grant-type:ciba',
        ],
        backchannel_token_delivery_mode: 'poll',
        redirect_uris: ['https://shop.test/cb'],
        post_logout_redirect_uris: ['https://shop.test/bye'],
        scope: 'openid profile orders:read offline_access',
        ...client,
      },
    ],
    identities,
    more: {
      audit: { destination: 'audit.jsonl', chain: 'sha256' },
      people: {
        users: [
          { subject: 'u1', username: 'Ada', password_hash, claims: { name: 'Ada L.', email: 'ada@example.com' } },
          { subject: 'u2', username: 'bob', password_hash, disabled: true },
          { subject: 'u3', username: 'eve', password_hash },
        ],
        ...people,
      },
      ui: {
        'service-name': 'Test Bank',
        scopes: { 'orders:read': { en: 'See your orders', de: 'Ihre Bestellungen sehen' } },
      },
      ...more,
    },
  }
}

let hash: Promise<string> | undefined

/** Of {@link password}: one for all, it takes its time. */
function passwordHash(): Promise<string> {
  return (hash ??= clientSecretHash(password))
}

/** The claim `acr` and others of an ID token. */
export function idTokenClaims(answer: TestAnswer): Readonly<Record<string, unknown>> {
  return claimsOf(answer.json['id_token'])
}

/** The key of an authenticator app that a page shows. */
export function shownKey(page: BrowserPage): Uint8Array {
  return fromBase32(/id="totp-key"[^>]*>([^<]+)</.exec(page.text)?.[1] ?? '')
}

/** The bytes behind letters of RFC 4648 §6. */
export function fromBase32(text: string): Uint8Array {
  const bits = [...text.replaceAll(' ', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}
