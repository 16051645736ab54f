import type { HandshakeSeen } from '../evidence.ts'
import { type Check, type Found, found, unknown } from '../verdict.ts'

/** Check 1: the host for people never asks for a certificate. */
export const mainHostAsks: Check = {
  number: 1,
  title: 'the host for people asks for no certificate',
  decide: ({ mainHandshakes, otherNames, deployment, addresses }) => {
    if (!mainHandshakes.some(({ facts }) => facts !== undefined)) return unknown('no handshake succeeded')
    const asking = mainHandshakes.filter(({ facts }) => facts?.asked === true)
    const findings: Found[] = []
    if (asking.length > 0) {
      findings.push({
        cause: 'picker_on_main_host',
        severity: 'fault',
        what: `${deployment.main.authority} asks for a client certificate (${asking.map(handshakeText).join(', ')})`,
      })
    } else {
      const elsewhere = addresses.filter(({ side, facts }) => side === 'main' && facts?.asked === true)
      if (elsewhere.length > 0)
        findings.push({
          cause: 'picker_on_main_host',
          severity: 'fault',
          what: `${deployment.main.authority} asks for a client certificate at ${elsewhere.map(({ address }) => address).join(', ')}, and not at its other address`,
        })
      const others = otherNames.filter(({ facts }) => facts?.asked === true)
      if (others.length > 0)
        findings.push({
          cause: 'picker_without_server_name',
          severity: 'warning',
          what: `a client certificate is asked for ${others.map(nameText).join(' and ')}`,
        })
    }
    return found(findings, `${mainHandshakes.length + otherNames.length} handshakes, none asked`)
  },
}

function handshakeText({ version, alpn }: HandshakeSeen): string {
  return `${version.replace('TLSv', 'TLS ')} ${alpn === 'h2' ? 'HTTP/2' : 'HTTP/1.1'}`
}

function nameText({ serverName, version }: HandshakeSeen): string {
  return `${serverName === '' ? 'without a server name' : 'for an unknown name'} (${version.replace('TLSv', 'TLS ')})`
}
