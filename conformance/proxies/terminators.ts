import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { apacheFrame, nginxFrame, streamFrame } from './frames.ts'
import { type Program, startProgram } from './start-program.ts'

/** A real terminator: how it is started with the generated files, and in what it differs from the others, as measured. */
export interface Terminator {
  readonly name: 'nginx' | 'haproxy' | 'apache' | 'caddy' | 'nginx-passthrough' | 'haproxy-passthrough'
  /** The name under which the part is installed. */
  readonly part: string
  /** Who ends TLS; where it is Holdfast, it refuses a request with a certificate header that another one would remove. */
  readonly endsTls: 'itself' | 'holdfast'
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
  readonly start: (t: TestContext, folder: string) => Promise<Program>
}

export const terminators: readonly Terminator[] = [
  {
    name: 'nginx',
    part: 'nginx',
    endsTls: 'itself',
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
    part: 'haproxy',
    endsTls: 'itself',
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
    part: 'apache2',
    endsTls: 'itself',
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
    part: 'caddy',
    endsTls: 'itself',
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
  ...(['nginx-passthrough', 'haproxy-passthrough'] as const).map((name): Terminator => ({
    name,
    part: name === 'nginx-passthrough' ? 'nginx with stream' : 'haproxy',
    endsTls: 'holdfast',
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
