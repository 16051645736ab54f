import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { FapiDriver } from './fapi-driver.ts'

/**
 * What the suite looks at in the TLS of each endpoint: nothing older than 1.2, 1.3 offered and preferred, and under 1.2 only the
 * suites of BCP 195 where no browser comes.
 */
export async function checkTls({ server, first }: FapiDriver): Promise<void> {
  const { chainPem: cert, keyPem: key } = first.certificate
  for (const [host, identity] of [
    ['as.test', {}],
    ['mtls.as.test', { cert, key }],
  ] as const) {
    const protocol = async (options: ConnectionOptions): Promise<string | null> => {
      const socket: TLSSocket = connect({
        host: '127.0.0.1',
        port: server.port,
        servername: host,
        ca: server.authority.rootPem,
        ...identity,
        ...options,
      })
      try {
        await once(socket, 'secureConnect')
        return socket.getProtocol()
      } catch {
        return null
      } finally {
        socket.destroy()
      }
    }
    assert.equal(await protocol({}), 'TLSv1.3', `${host} prefers TLS 1.3`)
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' } as const
      assert.equal(await protocol(old), null, `${host} refuses ${version}`)
    }
    assert.equal(await protocol({ maxVersion: 'TLSv1.2', ciphers: recommended }), 'TLSv1.2', `${host} speaks TLS 1.2`)
    assert.equal(await protocol({ maxVersion: 'TLSv1.2', ciphers: others }), null, `${host} refuses weaker suites`)
  }
}

/** RFC 9325 §4.2. */
const recommended =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384'
const others =
  'AES128-SHA:AES256-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384:@SECLEVEL=0'
