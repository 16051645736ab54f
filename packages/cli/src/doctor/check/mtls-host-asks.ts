import { type Check, found, skipped, unknown } from '../verdict.ts'

/** Check 2: the other host does ask. */
export const mtlsHostAsks: Check = {
  number: 2,
  title: 'the certificate host asks for one',
  decide: ({ deployment, mtlsHandshakes, addresses }) => {
    const { mtls } = deployment
    if (mtls === undefined && deployment.aliases.size > 0) return unknown('the aliases are no https URLs')
    if (mtls === undefined)
      return {
        outcome: 'found',
        findings: [
          {
            cause: 'aliases_missing',
            severity: 'fault',
            what: `the metadata of ${deployment.issuer} name no mtls_endpoint_aliases`,
          },
        ],
      }
    if (deployment.style === 'path') return skipped('certificates are taken below a path, see check 3')
    const done = mtlsHandshakes.filter(({ facts }) => facts !== undefined)
    if (done.length === 0) return unknown(`no handshake with ${mtls.authority} succeeded`)
    const silent = done.filter(({ facts }) => facts?.asked === false)
    const elsewhere = addresses.filter(({ side, facts }) => side === 'mtls' && facts?.asked === false)
    if (silent.length === 0 && elsewhere.length > 0)
      return found(
        [
          {
            cause: 'certificate_not_asked',
            severity: 'fault',
            what: `${mtls.authority} does not ask for a client certificate at ${elsewhere.map(({ address }) => address).join(', ')}, although it does at its other address`,
          },
        ],
        '',
      )
    return found(
      silent.length === 0
        ? []
        : [
            {
              cause: 'certificate_not_asked',
              severity: 'fault',
              what: `${mtls.authority} does not ask for a client certificate (${silent.map(({ version, alpn }) => `${version.replace('TLSv', 'TLS ')} ${alpn}`).join(', ')})`,
            },
          ],
      `${done.length} handshakes, all asked`,
    )
  },
}
