import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { type CurlyNode, curlyText, quoted, statement } from '../syntax/curly-syntax.ts'

/** NetScaler: commands of its own CLI, for two virtual servers that exist. */
export function netscaler(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const nodes = [
    ...clearedHeaders(deployment).map((name, at) =>
      statement(`add rewrite action holdfast_clear_${at} delete_http_header ${name}`),
    ),
    ...clearedHeaders(deployment).map((name, at) =>
      statement(`add rewrite policy holdfast_clear_${at} "HTTP.REQ.HEADER(\\"${name}\\").EXISTS" holdfast_clear_${at}`),
    ),
    ...deployment.sites.flatMap((site) => server(site, deployment)),
  ]
  return [{ name: 'holdfast.netscaler.conf', text: curlyText(openingLines(opening), nodes, '') }]
}

function server(site: ProxySite, deployment: ProxyDeployment): readonly CurlyNode[] {
  const asking = site.role === 'mtls'
  const name = `holdfast_${site.role}_${site.port}`
  const from = site.certificateHeader
  const cleared = clearedHeaders(deployment).map((_, at) => at)
  return [
    statement(
      `set ssl vserver ${name} -ssl3 DISABLED -tls1 DISABLED -tls11 DISABLED -tls12 ENABLED -tls13 ENABLED -sessReuse DISABLED -sessionTicket DISABLED -clientAuth ${asking ? 'ENABLED -clientCert Optional' : 'DISABLED'}`,
    ),
    ...cleared.map((at) =>
      statement(
        `bind lb vserver ${name} -policyName holdfast_clear_${at} -priority ${100 + at} -gotoPriorityExpression NEXT -type REQUEST`,
      ),
    ),
    ...(from?.secret === undefined
      ? []
      : [
          statement(
            `add rewrite action ${name}_secret insert_http_header ${writtenName(from.secret.header)} ${quoted(`'${from.secret.value}'`)}`,
          ),
          statement(`add rewrite policy ${name}_secret TRUE ${name}_secret`),
          statement(
            `bind lb vserver ${name} -policyName ${name}_secret -priority 500 -gotoPriorityExpression NEXT -type REQUEST`,
          ),
        ]),
    ...(from === undefined
      ? []
      : [
          statement(
            `add ssl action ${name}_certificate -clientCert ENABLED -certHeader ${quoted(writtenName(from.header))}`,
          ),
          statement(
            `add ssl policy ${name}_certificate -rule "CLIENT.SSL.CLIENT_CERT.EXISTS" -action ${name}_certificate`,
          ),
          statement(`bind ssl vserver ${name} -policyName ${name}_certificate -priority 10 -type REQUEST`),
        ]),
  ]
}

const opening: Opening = {
  title: 'NetScaler in front of Holdfast: commands for two virtual servers, holdfast_main_PORT and holdfast_mtls_PORT.',
  surroundings: [
    'the certificate host is a virtual server of its own, on its own address or port; a CA certificate is bound to it, because NetScaler wants one',
    'how the PEM is broken into one line is not documented: look at a request before relying on it, Holdfast refuses what it cannot decode',
    'whether the SSL policy writes its header after the rewrite policies have removed the client’s is to be tried; if not, Holdfast refuses the doubled header',
    'the leaf only is handed on: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no NetScaler was available; written after the documentation of the maker'],
}
