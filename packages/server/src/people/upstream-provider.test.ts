import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { UpstreamConfiguration } from '../config/resolve-people.ts'
import type { UpstreamPorts } from './upstream-provider.ts'
import { createUpstreamProvider } from './upstream-provider.ts'

describe('the metadata of an upstream provider', () => {
  const began = async (issuer: string, changes: object): Promise<string | undefined> => {
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      ...changes,
    }
    const asked: string[] = []
    const ports = {
      sealed: { seal: () => 'sealed', open: () => undefined },
      clock: { now: () => 0 },
      fetch: (url: string, { redirect }: RequestInit) => {
        asked.push(url)
        assert.equal(redirect, 'error')
        return Promise.resolve(Response.json(metadata))
      },
    } as unknown as UpstreamPorts
    const settings = { name: 'corp', label: 'Corp', issuer, clientId: 'c', scope: 'openid' } as UpstreamConfiguration
    const nothing = { again: 'no', acrValues: [], loginHint: undefined, uiLocales: [] } as const
    const url = await createUpstreamProvider(settings, 'https://as.test/cb', ports).begin('browser', 'ticket', nothing)
    assert.deepEqual(asked, [`${issuer}/.well-known/openid-configuration`])
    return url
  }

  test('leads over https, and on this machine only when the provider is there', async () => {
    assert.match((await began('https://idp.example', {})) ?? '', /^https:\/\/idp\.example\/authorize\?/)
    assert.match((await began('http://localhost:8080', {})) ?? '', /^http:\/\/localhost:8080\/authorize\?/)
  })

  for (const [member, url] of [
    ['token_endpoint', 'http://127.0.0.1:9090/admin'],
    ['token_endpoint', 'http://idp.example/token'],
    ['jwks_uri', 'http://localhost/jwks'],
    ['authorization_endpoint', 'javascript:alert(1)'],
    ['jwks_uri', 'file:///etc/passwd'],
    ['issuer', 'https://other.example'],
  ] as const) {
    test(`SSRF: ${member} ${url} is not followed`, async () => {
      assert.equal(await began('https://idp.example', { [member]: url }), undefined)
    })
  }
})
