import assert from 'node:assert/strict'
import test from 'node:test'
import type { Exchange } from '../src/exchange.ts'
import { startChromium } from './chromium-under-test.ts'
import { identity, makeNames, startEdge, tlsOn, until } from './edge-under-test.ts'
import { skipWithout } from './real-program.ts'

const skip = skipWithout('chromium', 'certutil', 'openssl')
const names = makeNames()
// One certificate for both names, as a wildcard would be: only then a browser carries requests over to the other name.
const both = identity(names.authority.issueServer(['login.test', 'mtls.login.test']))
const listeners = [
  tlsOn([
    { ...names.login, ...both },
    { ...names.mtls, ...both },
  ]),
]

test(
  'RFC8705-M23 a browser that holds a matching certificate is never asked on the main host, and is asked on the mtls host',
  { skip },
  async (t) => {
    const { port } = await startEdge(t, listeners, {}, page)
    const main = `https://login.test:${port()}`

    const people = await startChromium(t, { rootPem: names.authority.rootPem, certificate: names.client })
    for (const path of ['/', '/authorize', '/other']) {
      await people.navigate(`${main}${path}`)
      assert.equal(await people.evaluate('document.title'), 'main login.test')
    }
    assert.equal(await people.evaluate(`fetch('/sub').then((response) => response.status)`), 200)
    const log = await people.close()
    assert.ok(log.includes('SSL_HANDSHAKE_MESSAGE_RECEIVED'), 'the log has the handshakes')
    assert.ok(!log.includes('SSL_CLIENT_CERT_REQUESTED'))

    // The same browser and the same log, where it must be there. A slow one has a second connection under way, and drops one of
    // them before it has read what is asked: then another must do.
    let controlLog: readonly string[] = []
    for (let attempt = 0; attempt < 5 && !controlLog.includes('SSL_CLIENT_CERT_REQUESTED'); attempt++) {
      const asked = await startChromium(t, { rootPem: names.authority.rootPem, certificate: names.client })
      const control = await startEdge(t, listeners, {}, page)
      const waiting = asked.navigate(`https://mtls.login.test:${control.port()}/`)
      waiting.catch(() => undefined)
      // It drops the handshake and turns to the person, who is not there.
      await until(() => control.reasons().includes('handshake_failed'), 20_000)
      controlLog = await asked.close()
    }
    assert.ok(controlLog.includes('SSL_CLIENT_CERT_REQUESTED'))
  },
)

test(
  'a browser that carries HTTP/2 requests over to the other name is told 421 and gets the right answer, there and back',
  { skip },
  async (t) => {
    const { port, events } = await startEdge(t, listeners, {}, page)
    const browser = await startChromium(t, { rootPem: names.authority.rootPem })
    for (const [host, title] of [
      ['login.test', 'main login.test'],
      ['mtls.login.test', 'mtls mtls.login.test'],
      ['login.test', 'main login.test'],
      ['mtls.login.test', 'mtls mtls.login.test'],
    ] as const) {
      await browser.navigate(`https://${host}:${port()}/`)
      assert.equal(await browser.evaluate('document.title'), title)
    }
    const log = await browser.close()
    assert.ok(log.includes('HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION_FROM_IP_POOL'), 'the browser did carry over')
    await until(() =>
      events.some((event) => event.event === 'request_refused' && event.refusal.reason === 'host_misdirected'),
    )
  },
)

function page({ request, response, role, host }: Exchange): void {
  request.resume()
  const body = `<!doctype html><title>${role} ${host}</title><link rel="icon" href="data:,">`
  response.writeHead(200, { 'content-type': 'text/html', 'content-length': body.length, 'cache-control': 'no-store' })
  response.end(body)
}
