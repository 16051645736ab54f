import { writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { command, remark, type ShellNode, shellText, variable } from '../syntax/shell-syntax.ts'
import { yamlText } from '../syntax/yaml-syntax.ts'

/** Google Cloud load balancer: the policy of the certificate host, and gcloud commands. */
export function googleCloud(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return [
    {
      name: 'holdfast-mtls-policy.yaml',
      text: yamlText(openingLines(opening), [
        {
          name: 'holdfast-mtls',
          mtlsPolicy: { clientValidationMode: 'ALLOW_INVALID_OR_MISSING_CLIENT_CERT' },
        },
      ]),
    },
    {
      name: 'holdfast-google-cloud.sh',
      text: shellText(
        [...openingLines(opening), '', 'Set MAIN_BACKEND, MTLS_BACKEND and MTLS_PROXY.'],
        [
          command(
            'gcloud',
            'compute',
            'ssl-policies',
            'create',
            'holdfast',
            '--profile',
            'MODERN',
            '--min-tls-version',
            '1.2',
          ),
          remark('the target proxy of the certificate host alone asks'),
          command(
            ...['gcloud', 'network-security', 'server-tls-policies', 'import', 'holdfast-mtls'],
            ...['--source', 'holdfast-mtls-policy.yaml', '--location', 'global'],
          ),
          command(
            ...['gcloud', 'compute', 'target-https-proxies', 'update', variable('MTLS_PROXY')],
            ...['--server-tls-policy', 'holdfast-mtls', '--ssl-policy', 'holdfast'],
          ),
          ...deployment.sites.flatMap(backend),
        ],
      ),
    },
  ]
}

function backend(site: ProxySite): readonly ShellNode[] {
  const from = site.certificateHeader
  const asking = site.role === 'mtls'
  const headers =
    from === undefined
      ? // An empty value overwrites what a client says.
        ['Client-Cert:', 'Client-Cert-Chain:', 'X-Client-Cert-Chain-Verified:']
      : [
          `${writtenName(from.header)}:{client_cert_leaf}`,
          ...(from.chainHeader === undefined ? [] : [`${writtenName(from.chainHeader)}:{client_cert_chain}`]),
          ...(from.verdictHeader === undefined
            ? []
            : [`${writtenName(from.verdictHeader)}:{client_cert_chain_verified}`]),
          ...(from.secret === undefined ? [] : [`${writtenName(from.secret.header)}:${from.secret.value}`]),
        ]
  return [
    remark(`${site.serverName}`),
    command(
      ...[
        'gcloud',
        'compute',
        'backend-services',
        'update',
        variable(asking ? 'MTLS_BACKEND' : 'MAIN_BACKEND'),
        '--global',
      ],
      ...headers.map((header) => `--custom-request-header=${header}`),
    ),
  ]
}

const opening: Opening = {
  title: 'Google Cloud Application Load Balancer in front of Holdfast: a policy and gcloud commands.',
  surroundings: [
    'a policy belongs to a target proxy with all its hosts, so the certificate host has a target proxy and an address of its own',
    'the variables are documented for certificates that passed validation: self-signed ones may come as a fingerprint only, and then Holdfast has no certificate; try it before relying on it',
    'headers that a load balancer does not set come through from clients: the listener for people of Holdfast refuses every certificate header, the other one reads those below alone',
    'Holdfast is reached over TCP, so its listeners know the load balancer by the proxy secret; firewall rules let nobody else in',
    'above 16 KB the headers come empty',
  ],
  tested: [],
  untested: ['everything: no project was available; written after the documentation of Google'],
}
