import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'
import { tcpUrl } from './tcp-url.ts'

/** AWS API Gateway: custom domains and integrations of two HTTP APIs, as CloudFormation. */
export function awsApiGateway(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const template: YamlValue = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'HTTP APIs in front of Holdfast',
    Parameters: {
      MainCertificateArn: { Type: 'String' },
      MtlsCertificateArn: { Type: 'String' },
      TruststoreUri: { Type: 'String', Description: 's3://bucket/truststore.pem' },
    },
    Resources: Object.assign({}, ...deployment.sites.map((site, at) => resources(site, at, deployment))) as YamlValue,
  }
  return [{ name: 'holdfast-api-gateway.yaml', text: yamlText(openingLines(opening), [template]) }]
}

function resources(site: ProxySite, at: number, deployment: ProxyDeployment): { readonly [name: string]: YamlValue } {
  const asking = site.role === 'mtls'
  const from = site.certificateHeader
  const kept = [from?.header, from?.secret?.header]
  const remove = clearedHeaders(deployment).filter((name) => !kept.includes(name.toLowerCase()))
  return {
    [`Api${at}`]: {
      Type: 'AWS::ApiGatewayV2::Api',
      // The default endpoint would be a way around mutual TLS.
      Properties: { Name: site.serverName, ProtocolType: 'HTTP', DisableExecuteApiEndpoint: true },
    },
    [`Domain${at}`]: {
      Type: 'AWS::ApiGatewayV2::DomainName',
      Properties: {
        DomainName: site.serverName,
        DomainNameConfigurations: [
          {
            CertificateArn: { Ref: asking ? 'MtlsCertificateArn' : 'MainCertificateArn' },
            EndpointType: 'REGIONAL',
            SecurityPolicy: 'TLS_1_2',
          },
        ],
        ...(asking ? { MutualTlsAuthentication: { TruststoreUri: { Ref: 'TruststoreUri' } } } : {}),
      },
    },
    [`Integration${at}`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: `Api${at}` },
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'ANY',
        IntegrationUri: `${tcpUrl(site)}/{proxy}`,
        PayloadFormatVersion: '1.0',
        RequestParameters: {
          'overwrite:header.Host': site.serverName,
          ...Object.fromEntries(remove.map((name) => [`remove:header.${name}`, "''"])),
          ...(from === undefined
            ? {}
            : { [`overwrite:header.${writtenName(from.header)}`]: '$context.identity.clientCert.clientCertPem' }),
          ...(from?.secret === undefined
            ? {}
            : { [`overwrite:header.${writtenName(from.secret.header)}`]: from.secret.value }),
        },
      },
    },
    [`Route${at}`]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: `Api${at}` },
        RouteKey: 'ANY /{proxy+}',
        Target: { 'Fn::Sub': `integrations/\${Integration${at}}` },
      },
    },
    [`Stage${at}`]: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: `Api${at}` }, StageName: '$default', AutoDeploy: true },
    },
    [`Mapping${at}`]: {
      Type: 'AWS::ApiGatewayV2::ApiMapping',
      Properties: { ApiId: { Ref: `Api${at}` }, DomainName: { Ref: `Domain${at}` }, Stage: { Ref: `Stage${at}` } },
    },
  }
}

const opening: Opening = {
  title: 'AWS API Gateway in front of Holdfast: two HTTP APIs with custom domains, as CloudFormation.',
  surroundings: [
    'mutual TLS here is never optional: whoever has no certificate of the trust store gets no HTTP at all; self-signed ones each stand in the trust store',
    'API Gateway allows no more than 10 or so parameter mappings and forbids some header names: if the template is refused, leave "remove" lines out; Holdfast refuses the headers by itself',
    'the PEM has line breaks, which no header can carry as they are: look at a request first; where it does not arrive, put a Lambda authorizer or an ALB in between',
    'Holdfast is reached over TCP, so its listeners know the gateway by the proxy secret',
  ],
  tested: [],
  untested: ['everything: no account was available; written after the documentation of AWS'],
}
