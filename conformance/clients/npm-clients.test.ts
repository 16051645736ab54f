import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { Agent, fetch as undiciFetch } from 'undici'
import { clientOf, startDemo, type DemoClient, type DemoDeployment } from '../black-box/demo-deployment.ts'
import { certificateMethods } from './certificate-methods.ts'

for (const style of ['subdomain', 'port'] as const)
  test(`RFC8705-M21 openid-client follows the aliases and gets a bound token with both certificate methods (${style} style)`, async (t) => {
    const demo = await startDemo(t, style)
    for (const method of certificateMethods) {
      const client = clientOf(demo, method)
      const { agent, fetch } = await certificateFetch(demo, client)
      t.after(() => agent.close())
      const metadata = { use_mtls_endpoint_aliases: true }
      const config = await openid.discovery(new URL(demo.issuer), client.client_id, metadata, openid.TlsClientAuth(), {
        [openid.customFetch]: fetch,
      })
      config[openid.customFetch] = fetch
      const token = await openid.clientCredentialsGrant(config)
      await assertBound(token.access_token, client)
      const api = await undiciFetch(demo.api, {
        dispatcher: agent,
        headers: { authorization: `Bearer ${token.access_token}` },
      })
      assert.equal(api.status, 200)
    }
  })

test('RFC8705-M21 oauth4webapi follows the aliases and gets a bound token with both certificate methods', async (t) => {
  const demo = await startDemo(t, 'subdomain')
  for (const method of certificateMethods) {
    const demoClient = clientOf(demo, method)
    const { agent, fetch } = await certificateFetch(demo, demoClient)
    t.after(() => agent.close())
    const options = { [oauth.customFetch]: fetch }
    const issuer = new URL(demo.issuer)
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }),
    )
    const client: oauth.Client = { client_id: demoClient.client_id, use_mtls_endpoint_aliases: true }
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.TlsClientAuth(),
      new URLSearchParams(),
      options,
    )
    const token = await oauth.processClientCredentialsResponse(server, client, answer)
    await assertBound(token.access_token, demoClient)
  }
})

async function certificateFetch(demo: DemoDeployment, client: DemoClient) {
  const [ca, cert, key] = await Promise.all([readFile(demo.ca), readFile(client.cert), readFile(client.key)])
  const agent = new Agent({ connect: { ca, cert, key, lookup: loopback } })
  const fetch = (url: string, init?: object) => undiciFetch(url, { ...init, dispatcher: agent })
  return { agent, fetch }
}

/** RFC 6761 §6.3: names below localhost are the loopback address, whatever the resolver of this machine says. */
const loopback: LookupFunction = (_name, options, answer) => {
  if (options.all === true) answer(null, [{ address: '127.0.0.1', family: 4 }])
  else answer(null, '127.0.0.1', 4)
}

async function assertBound(token: string, client: DemoClient): Promise<void> {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    cnf?: Record<string, string>
  }
  const der = new X509Certificate(await readFile(client.cert)).raw
  assert.deepEqual(claims.cnf, { 'x5t#S256': createHash('sha256').update(der).digest('base64url') })
}
