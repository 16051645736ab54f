import type { Evidence } from './evidence.ts'

/** Who ends TLS, as far as it shows. */
export type TerminatorName = (typeof terminatorNames)[number]

export const terminatorNames = [
  'nginx',
  'haproxy',
  'apache',
  'caddy',
  'traefik',
  'envoy',
  'iis',
  'kestrel',
  'azure',
  'aws-alb',
  'cloudflare',
  'google-cloud',
  'fastly',
  'f5',
  'kong',
  /** Our own edge, or a proxy that passes TLS through to it. */
  'holdfast',
  'unknown',
] as const

/** Recognises the terminator by the headers that it adds and by its answer to a request that breaks the rules. */
export function recogniseTerminator({
  marks,
  certificates,
  forgeries,
}: Pick<Evidence, 'marks' | 'certificates' | 'forgeries'>): TerminatorName {
  const echoes = [...certificates, ...forgeries].flatMap(({ seen }) =>
    seen.kind === 'answer' && seen.echo !== undefined ? [seen.echo] : [],
  )
  if (echoes.some(({ tls }) => tls !== null)) return 'holdfast'
  for (const headers of marks.headers)
    for (const [name, pattern, terminator] of byHeader) if (pattern.test(headers[name] ?? '')) return terminator
  for (const [pattern, terminator] of byNonsense) if (pattern.test(marks.nonsense)) return terminator
  return 'unknown'
}

/** The more particular before the general: Kong is made of nginx, App Service of IIS. */
const byHeader: readonly (readonly [string, RegExp, TerminatorName])[] = [
  ['cf-ray', /./, 'cloudflare'],
  ['server', /^cloudflare/i, 'cloudflare'],
  ['via', /kong/i, 'kong'],
  ['server', /^kong/i, 'kong'],
  ['x-served-by', /^cache-/i, 'fastly'],
  ['via', /google/i, 'google-cloud'],
  ['server', /^(awselb|awsalb)/i, 'aws-alb'],
  ['server', /Microsoft-Azure-Application-Gateway/i, 'azure'],
  ['x-azure-ref', /./, 'azure'],
  ['set-cookie', /^ARRAffinity/i, 'azure'],
  ['server', /^Microsoft-(IIS|HTTPAPI)/i, 'iis'],
  ['server', /^Kestrel/i, 'kestrel'],
  ['server', /^(envoy|istio-envoy)/i, 'envoy'],
  ['server', /^BigIP/i, 'f5'],
  ['server', /^Caddy/i, 'caddy'],
  ['via', /Caddy/i, 'caddy'],
  ['server', /^(nginx|openresty)/i, 'nginx'],
  ['server', /^Apache/i, 'apache'],
]

const byNonsense: readonly (readonly [RegExp, TerminatorName])[] = [
  [/server: nginx|<center>nginx/i, 'nginx'],
  [/server: apache|<address>Apache/i, 'apache'],
  [/server: caddy/i, 'caddy'],
  [/server: (istio-)?envoy/i, 'envoy'],
  [/server: awselb/i, 'aws-alb'],
  [/server: microsoft/i, 'iis'],
  [/<h1>400 Bad request<\/h1>\s*Your browser sent an invalid request/i, 'haproxy'],
  // node:http as the edge configures it: nothing but the status.
  [/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n$/, 'holdfast'],
  // Go's own answer, which Traefik leaves as it is; Caddy is known by its header.
  [
    /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request/,
    'traefik',
  ],
]
