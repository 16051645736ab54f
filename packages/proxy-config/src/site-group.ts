import type { ProxySite } from './proxy-deployment.ts'

/** Sites that share a port, those for people first: the first one takes clients that name no server. */
export interface SiteGroup {
  readonly port: number
  readonly sites: readonly ProxySite[]
  readonly mains: readonly ProxySite[]
  readonly asking: readonly ProxySite[]
  /** In path style: what is asked for below a path of one of `mains`; in none of the lists above. */
  readonly paths: readonly ProxySite[]
}

/** The sites by port, in the order in which ports first appear. */
export function siteGroups(sites: readonly ProxySite[]): readonly SiteGroup[] {
  const ports = [...new Set(sites.map(({ port }) => port))]
  return ports.map((port) => {
    const here = sites.filter((site) => site.port === port)
    const mains = here.filter(({ role }) => role === 'main')
    const asking = here.filter(({ role, path }) => role === 'mtls' && path === undefined)
    const paths = here.filter(({ path }) => path !== undefined)
    return { port, sites: [...mains, ...asking], mains, asking, paths }
  })
}

/** What is asked for below a path of a site, in path style. */
export function siteBelow(site: ProxySite, { paths }: Pick<SiteGroup, 'paths'>): ProxySite | undefined {
  return paths.find(({ serverName }) => serverName === site.serverName)
}

/** A name for each distinct listener of Holdfast: `holdfast_main_1`, `holdfast_mtls_1`, `holdfast_tls_1` */
export function upstreamNames(sites: readonly ProxySite[]): ReadonlyMap<ProxySite, string> {
  const names = new Map<string, string>()
  const counts = { main: 0, mtls: 0, tls: 0 }
  return new Map(
    sites.map((site) => {
      const address = JSON.stringify(site.upstream)
      const kind = site.upstream.kind === 'tls' ? 'tls' : site.role
      const name = names.get(address) ?? `holdfast_${kind}_${++counts[kind]}`
      names.set(address, name)
      return [site, name]
    }),
  )
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
