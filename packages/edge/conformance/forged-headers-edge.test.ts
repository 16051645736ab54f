import assert from 'node:assert/strict'
import test from 'node:test'
import type { Answer } from './edge-under-test.ts'
import { clientTls, exchange1, get, http2, makeNames, open, openHttp2, startEdge, tlsOn } from './edge-under-test.ts'
import { connectionTricks, forgedHeaders } from './forged-headers.ts'

const names = makeNames()
const victim = names.authority.issue({ commonName: 'victim' })
const forged = forgedHeaders(victim)

for (const [label, certificate] of [
  ['without a certificate', undefined],
  ['with a certificate of its own', names.client],
] as const) {
  test(`RFC8705-M13 RFC8705-M27 a client ${label} gains nothing by any forged header, on either name, over HTTP/1.1 and HTTP/2`, async (t) => {
    const { port } = await startEdge(t, [tlsOn([names.login, names.mtls])], { maxHandshakes: 10_000 })
    let refused = 0
    for (const name of ['login.test', 'mtls.login.test']) {
      const own = name === 'mtls.login.test' ? (certificate?.thumbprint ?? null) : null
      const target = { port: port(), tls: clientTls(names, name, certificate) }
      const session = await openHttp2(t, target)
      for (const { label: what, lines } of forged) {
        const headers: Record<string, string | string[]> = { ':authority': name }
        for (const [header, value] of lines) {
          const before = headers[header.toLowerCase()]
          headers[header.toLowerCase()] = before === undefined ? value : [before, value].flat()
        }
        const answer = await http2(session, headers)
        assertRealOrNone(answer, own, `${name} h2 ${what}`)
        if (answer.status === 400) refused++
      }
      assert.equal((await http2(session, { ':authority': name })).echo.thumbprint, own, 'control')
      for (const { label: what, lines } of forged) {
        const socket = await open(target)
        const answer = await exchange1(
          socket,
          get(
            name,
            lines.map(([header, value]) => `${header}: ${value}`),
          ),
        )
        assertRealOrNone(answer, own, `${name} h1 ${what}`)
        if (answer.status === 400) refused++
      }
    }
    assert.equal(refused, forged.length * 4, 'each forged header is a reason to refuse the request')
  })
}

test('RFC8705-M13 SNI of one name and Host of the other, with forged headers and Connection tricks, end in a refusal', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.login, names.mtls])])
  for (const [name, host] of [
    ['login.test', 'mtls.login.test'],
    ['mtls.login.test', 'login.test'],
  ] as const) {
    const target = { port: port(), tls: clientTls(names, name, names.client) }
    for (const { label, lines } of forged.filter((_, index) => index % 7 === 0)) {
      const socket = await open(target)
      const answer = await exchange1(
        socket,
        get(
          host,
          lines.map(([header, value]) => `${header}: ${value}`),
        ),
      )
      assert.equal(answer.status, 421, label)
    }
  }
  for (const trick of connectionTricks) {
    const socket = await open({ port: port(), tls: clientTls(names, 'mtls.login.test', names.client) })
    const answer = await exchange1(socket, `GET / HTTP/1.1\r\nHost: mtls.login.test\r\nConnection: ${trick}\r\n\r\n`)
    assert.equal(answer.echo.thumbprint, names.client.thumbprint, trick)
  }
})

function assertRealOrNone(answer: Answer, own: string | null, label: string): void {
  assert.doesNotMatch(answer.text, new RegExp(victim.thumbprint), label)
  if (answer.status === 200) assert.ok([null, own].includes(answer.echo.thumbprint), label)
  else assert.equal(answer.status, 400, label)
}
