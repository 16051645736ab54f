import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { braces, type CurlyNode, curlyText, quoted, remark, statement } from '../syntax/curly-syntax.ts'

/** F5 BIG-IP: an iRule for each virtual server. */
export function f5(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return deployment.sites.map((site) => ({
    name: `${site.serverName}.tcl`,
    text: curlyText(openingLines(opening), [braces('when HTTP_REQUEST', rule(site, deployment))], ''),
  }))
}

function rule(site: ProxySite, deployment: ProxyDeployment): readonly CurlyNode[] {
  const from = site.certificateHeader
  return [
    braces(`if { [string tolower [getfield [HTTP::host] ":" 1]] ne ${quoted(site.serverName)} }`, [
      statement('HTTP::respond 421 noserver'),
      statement('return'),
    ]),
    remark('what a client says about certificates'),
    ...clearedHeaders(deployment).map((name) => statement(`HTTP::header remove ${quoted(name)}`)),
    ...(from === undefined
      ? []
      : [
          braces('if { [SSL::cert count] > 0 }', [
            remark('the PEM on one line: blanks for line breaks'),
            statement(
              `HTTP::header insert ${quoted(writtenName(from.header))} [string map {"\\r" "" "\\n" " "} [string trim [X509::whole [SSL::cert 0]]]]`,
            ),
          ]),
        ]),
    ...(from?.secret === undefined
      ? []
      : [statement(`HTTP::header insert ${quoted(writtenName(from.secret.header))} ${quoted(from.secret.value)}`)]),
  ]
}

const opening: Opening = {
  title: 'F5 BIG-IP in front of Holdfast: an iRule for each of two virtual servers.',
  surroundings: [
    'two virtual servers, on addresses of their own: the client-ssl profile of the certificate host has "Client Certificate: request", "Frequency: always", no renegotiation, session tickets off; that of the other host has "ignore"',
    'both profiles: TLS 1.2 and 1.3 only',
    'no other iRule with an earlier priority answers or adds headers',
    'http profile: maximum header size 65536',
    'the leaf only is handed on: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no BIG-IP was available; written after the documentation of F5'],
}
