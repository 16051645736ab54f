import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { jsonWithComments } from '../syntax/json-syntax.ts'
import type { YamlValue } from '../syntax/yaml-syntax.ts'

/** Cloudflare: rules of the phase http_request_late_transform, as the Rulesets API takes them. */
export function cloudflare(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return [
    {
      name: 'holdfast-ruleset.jsonc',
      text: jsonWithComments(openingLines(opening), {
        name: 'Holdfast',
        kind: 'zone',
        phase: 'http_request_late_transform',
        rules: deployment.sites.map((site) => rule(site, deployment)),
      }),
    },
  ]
}

function rule(site: ProxySite, deployment: ProxyDeployment): YamlValue {
  const from = site.certificateHeader
  const legacy = from?.preset === 'cloudflare-legacy'
  const written: Record<string, YamlValue> =
    from === undefined || legacy
      ? {}
      : {
          [writtenName(from.header)]: { operation: 'set', expression: 'cf.tls_client_auth.cert_rfc9440' },
          ...(from.chainHeader === undefined
            ? {}
            : {
                [writtenName(from.chainHeader)]: {
                  operation: 'set',
                  expression: 'cf.tls_client_auth.cert_chain_rfc9440',
                },
              }),
        }
  const secret =
    from?.secret === undefined
      ? {}
      : { [writtenName(from.secret.header)]: { operation: 'set', value: from.secret.value } }
  const kept = new Set([...Object.keys(written), ...Object.keys(secret)].map((name) => name.toLowerCase()))
  return {
    description: `${site.serverName}: ${site.role === 'mtls' ? 'hands on the certificate' : 'for people'}`,
    expression: `(http.host eq "${site.serverName}")`,
    action: 'rewrite',
    action_parameters: {
      headers: {
        ...Object.fromEntries(
          clearedHeaders(deployment)
            .filter((name) => !kept.has(name.toLowerCase()) && !(legacy && /^cf-/i.test(name)))
            .map((name) => [name, { operation: 'remove' }]),
        ),
        ...written,
        ...secret,
      },
    },
  }
}

const opening: Opening = {
  title:
    'Cloudflare in front of Holdfast: a ruleset for PUT /zones/ZONE/rulesets/phases/http_request_late_transform/entrypoint (without these comments).',
  surroundings: [
    'client certificates are switched on for the certificate host alone (SSL/TLS, Client Certificates, Hosts); self-signed ones come through only with their CA uploaded',
    'the fields are filled whatever Cloudflare thinks of the certificate: Holdfast decides; values above 10 and 16 KB come empty',
    'a header of the certificate is set by its field even when that is empty, so that nothing of a client stays',
    'origins are reached over TLS with authenticated origin pulls or a tunnel, and not from elsewhere; Holdfast knows Cloudflare by the proxy secret',
    'minimum TLS version of the zone: 1.2; session resumption cannot be switched off',
  ],
  tested: [],
  untested: ['everything: no account was available; written after the documentation of Cloudflare'],
}
