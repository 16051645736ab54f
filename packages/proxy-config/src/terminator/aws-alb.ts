import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { siteGroups } from '../site-group.ts'
import { command, remark, shellText, variable } from '../syntax/shell-syntax.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'

/** AWS Application Load Balancer: a CloudFormation template, and the same by CLI for what exists. */
export function awsAlb(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const verifies = deployment.sites.some(({ certificateHeader }) => certificateHeader?.preset === 'aws-alb-verify')
  const template: YamlValue = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Listeners of an Application Load Balancer in front of Holdfast',
    Parameters: {
      LoadBalancerArn: { Type: 'String' },
      VpcId: { Type: 'AWS::EC2::VPC::Id' },
      MainCertificateArn: { Type: 'String' },
      MtlsCertificateArn: { Type: 'String' },
      ...(verifies ? { TrustStoreArn: { Type: 'String' } } : {}),
    },
    Resources: Object.fromEntries(
      siteGroups(deployment.sites).flatMap((group) =>
        group.sites.flatMap((site, at) => [...(at === 0 ? listener(site, verifies) : []), ...rule(site, at)]),
      ),
    ),
  }
  const asking = deployment.sites.filter(({ role }) => role === 'mtls')
  return [
    { name: 'holdfast-alb.yaml', text: yamlText(openingLines(opening), [template]) },
    {
      name: 'holdfast-alb.sh',
      text: shellText(
        [...openingLines(opening), '', 'Set LISTENER_ARN to the listener of the certificate host.'],
        [
          ...asking
            .slice(0, 1)
            .map(() =>
              command(
                ...['aws', 'elbv2', 'modify-listener', '--listener-arn', variable('LISTENER_ARN')],
                ...['--ssl-policy', policy, '--mutual-authentication'],
                verifies
                  ? 'Mode=verify,TrustStoreArn=arn:aws:elasticloadbalancing:REGION:ACCOUNT:truststore/NAME/ID'
                  : 'Mode=passthrough',
              ),
            ),
          remark('header names with characters such as _ never reach Holdfast'),
          command(
            ...[
              'aws',
              'elbv2',
              'modify-load-balancer-attributes',
              '--load-balancer-arn',
              variable('LOAD_BALANCER_ARN'),
            ],
            ...['--attributes', 'Key=routing.http.drop_invalid_header_fields.enabled,Value=true'],
          ),
        ],
      ),
    },
  ]
}

/** The listener of a port; what no rule below takes is sent to a new connection. */
function listener(site: ProxySite, verifies: boolean): readonly (readonly [string, YamlValue])[] {
  const asking = site.role === 'mtls'
  const verify = { Mode: 'verify', TrustStoreArn: { Ref: 'TrustStoreArn' } }
  return [
    [
      `Listener${site.port}`,
      {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'LoadBalancerArn' },
          Port: site.port,
          Protocol: 'HTTPS',
          SslPolicy: policy,
          Certificates: [{ CertificateArn: { Ref: asking ? 'MtlsCertificateArn' : 'MainCertificateArn' } }],
          MutualAuthentication: asking ? (verifies ? verify : { Mode: 'passthrough' }) : { Mode: 'off' },
          DefaultActions: [
            { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '421', ContentType: 'text/plain' } },
          ],
        },
      },
    ],
  ]
}

function rule(site: ProxySite, at: number): readonly (readonly [string, YamlValue])[] {
  const name = `Listener${site.port}Host${at + 1}`
  return [
    [
      `${name}Targets`,
      {
        Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        Properties: {
          VpcId: { Ref: 'VpcId' },
          Protocol: 'HTTP',
          Port: site.upstream.kind === 'unix' ? 80 : site.upstream.port,
          TargetType: 'ip',
          Matcher: { HttpCode: '200-499' },
        },
      },
    ],
    [
      `${name}Rule`,
      {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: { Ref: `Listener${site.port}` },
          Priority: at + 1,
          Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [site.serverName] } }],
          Actions: [{ Type: 'forward', TargetGroupArn: { Ref: `${name}Targets` } }],
        },
      },
    ],
  ]
}

const policy = 'ELBSecurityPolicy-TLS13-1-2-2021-06'
const opening: Opening = {
  title: 'AWS Application Load Balancer in front of Holdfast: listeners for an existing load balancer.',
  surroundings: [
    'a listener asks for certificates on all its hosts, so the certificate host has a port (or a load balancer) of its own',
    'the load balancer can neither remove headers of clients nor send a secret: Holdfast trusts the addresses of its subnets (dangerously-trust-addresses), nothing else in them may reach Holdfast, and the main listener of Holdfast refuses every certificate header',
    'drop_invalid_header_fields is on',
    'in passthrough mode any certificate comes in, with its chain; in verify mode only those of the trust store',
    'a fixed response of 421 is accepted by the API (2XX, 4XX and 5XX are)',
  ],
  tested: [],
  untested: ['everything: no account was available; written after the documentation of AWS'],
}
