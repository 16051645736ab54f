import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { realPart } from '../black-box/real-part.ts'
import { dotnetBuild, dotnetPart } from './dotnet-program.ts'
import { apacheFrame, nginxFrame, streamFrame } from './frames.ts'
import { type Program, startProgram } from './start-program.ts'

/** A real terminator: how it is started with the generated files, and in what it differs from the others, as measured. */
export interface Terminator {
  readonly name:
    'nginx' | 'haproxy' | 'apache' | 'caddy' | 'nginx-passthrough' | 'haproxy-passthrough' | 'yarp' | 'kestrel'
  /** Whether it is there; without it the test is skipped, or fails where it must be. */
  readonly present: (t: TestContext) => boolean
  /** How it reaches Holdfast. `tls`: Holdfast ends it, and refuses a request with a certificate header that another one would remove. */
  readonly upstream: 'unix' | 'tcp' | 'tls'
  /** Values of `client-certificate.from` that are tried; the first with everything, the others with the thumbprints. */
  readonly presets: readonly [string, ...string[]]
  readonly verdict: 'required' | 'optional'
  /** What a certificate that is expired, not yet valid or meant for servers meets. */
  readonly badCertificate: 'json' | 'alert'
  /** Of a connection that names no server: served by the people's host, or misdirected. Never asked for a certificate. */
  readonly withoutServerName: 'served' | 'misdirected'
  /** A session of the people's host offered to the other one, with a certificate at hand: asked again, or the certificate is lost. */
  readonly foreignSession: 'asked' | 'lost'
  /** Whether it resumes sessions of the certificate host at all. */
  readonly resumes: boolean
  /** `undefined` where it cannot be made here; the test is then skipped. */
  readonly start: (t: TestContext, folder: string) => Promise<Program | undefined>
}

export const terminators: readonly Terminator[] = [
  {
    name: 'nginx',
    present: (t) => realPart(t, 'nginx'),
    upstream: 'unix',
    presets: ['nginx'],
    verdict: 'required',
    badCertificate: 'json',
    withoutServerName: 'served',
    foreignSession: 'asked',
    resumes: false,
    start: async (t, folder) => {
      await writeFile(join(folder, 'nginx.conf'), nginxFrame(folder))
      return startProgram(t, 'nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr'])
    },
  },
  {
    name: 'haproxy',
    present: (t) => realPart(t, 'haproxy'),
    upstream: 'unix',
    presets: ['haproxy', 'haproxy-rfc9440'],
    verdict: 'required',
    badCertificate: 'json',
    withoutServerName: 'served',
    foreignSession: 'asked',
    resumes: false,
    start: async (t, folder) => startProgram(t, 'haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')]),
  },
  {
    name: 'apache',
    present: (t) => realPart(t, 'apache2'),
    upstream: 'unix',
    presets: ['apache', 'apache-rfc9440'],
    verdict: 'required',
    badCertificate: 'alert',
    withoutServerName: 'served',
    foreignSession: 'asked',
    resumes: false,
    start: async (t, folder) => {
      await writeFile(join(folder, 'apache.conf'), apacheFrame(folder))
      return startProgram(t, 'apache2', ['-DFOREGROUND', '-f', join(folder, 'apache.conf')])
    },
  },
  {
    name: 'caddy',
    present: (t) => realPart(t, 'caddy'),
    upstream: 'unix',
    presets: ['caddy', 'caddy-rfc9440'],
    verdict: 'optional',
    badCertificate: 'json',
    withoutServerName: 'misdirected',
    foreignSession: 'lost',
    resumes: true,
    start: async (t, folder) => {
      return startProgram(t, 'caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], {
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      })
    },
  },
  ...(['yarp', 'kestrel'] as const).map((name): Terminator => ({
    name,
    present: dotnetPart,
    upstream: 'tcp',
    presets: name === 'yarp' ? ['yarp', 'yarp-x-ssl-cert', 'rfc9440'] : ['kestrel', 'rfc9440'],
    verdict: 'optional',
    badCertificate: 'json',
    withoutServerName: 'served',
    foreignSession: 'asked',
    resumes: false,
    start: async (t, folder) => {
      const assembly = await dotnetBuild(t, folder)
      return assembly === undefined
        ? undefined
        : startProgram(t, 'dotnet', [assembly, '--contentRoot', folder, '--shutdownTimeoutSeconds', '1'], {
            HOME: folder,
          })
    },
  })),
  ...(['nginx-passthrough', 'haproxy-passthrough'] as const).map((name): Terminator => ({
    name,
    present: (t) => realPart(t, name === 'nginx-passthrough' ? 'nginx with stream' : 'haproxy'),
    upstream: 'tls',
    presets: ['handshake'],
    verdict: 'optional',
    badCertificate: 'json',
    withoutServerName: 'served',
    foreignSession: 'asked',
    resumes: false,
    start: async (t, folder) => {
      if (name === 'haproxy-passthrough') return startProgram(t, 'haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')])
      await writeFile(join(folder, 'nginx.conf'), streamFrame(folder))
      return startProgram(t, 'nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr'])
    },
  })),
]
