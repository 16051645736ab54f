import type { CertificateHeaderPresetName } from '@holdfast/edge'
import type { Result } from '@holdfast/x509'
import { missingSites, type ProxyConfigProblem, unsafeValues } from './proxy-config-problem.ts'
import type { ProxyDeployment } from './proxy-deployment.ts'
import { apache } from './terminator/apache.ts'
import { caddy } from './terminator/caddy.ts'
import { haproxy } from './terminator/haproxy.ts'
import { nginx } from './terminator/nginx.ts'

/** A file of the terminator's configuration. */
export interface ProxyConfigFile {
  /** Its usual name, without a folder. */
  readonly name: string
  readonly text: string
}

/** A terminator for which configuration is made. */
export interface ProxyConfigPreset {
  /** One line for people. */
  readonly title: string
  /** What Holdfast may be told to read from it; the first is what one should say. Empty: Holdfast ends TLS itself. */
  readonly certificateHeaders: readonly CertificateHeaderPresetName[]
  /** Which listener of Holdfast it can reach: one without TLS, one of those on a TCP port, or one with TLS. */
  readonly upstream: 'plain' | 'tcp' | 'tls'
  readonly make: (deployment: ProxyDeployment) => readonly ProxyConfigFile[]
}

/** Names of {@link proxyConfigPresets}. */
export type ProxyConfigPresetName = 'nginx' | 'haproxy' | 'apache' | 'caddy'

/** Every terminator for which configuration is made, by the name that the command line says. */
export const proxyConfigPresets: { readonly [Name in ProxyConfigPresetName]: ProxyConfigPreset } = {
  nginx: { title: 'nginx', certificateHeaders: ['nginx'], upstream: 'plain', make: nginx },
  haproxy: { title: 'HAProxy', certificateHeaders: ['haproxy', 'haproxy-rfc9440'], upstream: 'plain', make: haproxy },
  apache: { title: 'Apache httpd', certificateHeaders: ['apache', 'apache-rfc9440'], upstream: 'plain', make: apache },
  caddy: { title: 'Caddy', certificateHeaders: ['caddy', 'caddy-rfc9440'], upstream: 'plain', make: caddy },
}

/**
 * Writes the configuration of a terminator in front of Holdfast.
 *
 * A value that is not plainly a name, a path, an address or a secret is refused, whatever quoting would make of it; all problems are
 * told at once.
 */
export function proxyConfig(
  name: ProxyConfigPresetName,
  deployment: ProxyDeployment,
): Result<readonly ProxyConfigFile[], readonly ProxyConfigProblem[]> {
  const preset = proxyConfigPresets[name]
  const problems = [
    ...missingSites(deployment.sites),
    ...unsafeValues(deployment),
    ...deployment.sites.flatMap((site) => disagreement(site, preset)),
  ]
  return problems.length > 0 ? { ok: false, failure: problems } : { ok: true, value: preset.make(deployment) }
}

function disagreement(
  { serverName, role, upstream, certificateHeader }: ProxyDeployment['sites'][number],
  preset: ProxyConfigPreset,
): readonly ProxyConfigProblem[] {
  const fits = preset.upstream === 'plain' ? upstream.kind !== 'tls' : preset.upstream === upstream.kind
  if (!fits) return [{ reason: 'other_upstream', serverName, wanted: preset.upstream }]
  if (role === 'main' || preset.certificateHeaders.length === 0) return []
  const configured = certificateHeader?.preset
  if (configured !== undefined && preset.certificateHeaders.includes(configured)) return []
  return [
    {
      reason: 'other_preset',
      serverName,
      configured: configured ?? 'nothing',
      possible: preset.certificateHeaders,
    },
  ]
}
