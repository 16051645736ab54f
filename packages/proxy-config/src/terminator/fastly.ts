import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { braces, type CurlyNode, curlyText, quoted, remark, statement } from '../syntax/curly-syntax.ts'

/** Fastly: VCL for `vcl_recv`. */
export function fastly(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const nodes: readonly CurlyNode[] = [
    remark('first, and for every host: what a client says about certificates'),
    ...clearedHeaders(deployment).map((name) => statement(`unset req.http.${name}`)),
    ...deployment.sites.filter(({ role }) => role === 'mtls').flatMap(asking),
    braces(`if (${deployment.sites.map((site) => `req.http.host != ${quoted(site.serverName)}`).join(' && ')})`, [
      statement('error 421 "Misdirected Request"'),
    ]),
    statement('return(pass)'),
  ]
  return [{ name: 'holdfast.vcl', text: curlyText(openingLines(opening), nodes, ';') }]
}

function asking(site: ProxySite): readonly CurlyNode[] {
  const from = site.certificateHeader
  const host = quoted(site.serverName)
  return [
    remark('a Host that does not belong to the TLS name is sent to a new connection'),
    braces(`if ((tls.client.servername == ${host}) != (req.http.host == ${host}))`, [
      statement('error 421 "Misdirected Request"'),
    ]),
    braces(`if (tls.client.servername == ${host})`, [
      ...(from === undefined
        ? []
        : [
            braces('if (!tls.client.certificate.is_cert_missing)', [
              statement(`set req.http.${writtenName(from.header)} = tls.client.certificate.raw_certificate_b64`),
            ]),
          ]),
      ...(from?.secret === undefined
        ? []
        : [statement(`set req.http.${writtenName(from.secret.header)} = ${quoted(from.secret.value)}`)]),
    ]),
  ]
}

const opening: Opening = {
  title: 'Fastly in front of Holdfast: a VCL snippet of type recv, with a priority before all others.',
  surroundings: [
    'mutual authentication is set on the TLS activation of the certificate host, with "enforced": false; Fastly wants a CA bundle',
    'the secret and the headers are set between edge and origin only: with shielding the snippet runs once more there, so wrap it in "if (fastly.ff.visits_this_service == 0)"',
    'answers are never cached: the snippet passes everything',
    'the leaf only is handed on: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no account was available; written after the documentation of Fastly'],
}
