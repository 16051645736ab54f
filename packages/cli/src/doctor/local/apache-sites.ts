import type { ConfiguredSite, Forward, WrittenHeader } from './configured-site.ts'
import { type Directive, last, named } from './directive.ts'

/** The virtual hosts of Apache httpd that end TLS. */
export function apacheSites(directives: readonly Directive[]): readonly ConfiguredSite[] {
  const scope = unconditional(directives)
  const hosts = named(scope, 'VirtualHost').filter(
    ({ children }) => last(unconditional(children), 'SSLEngine')?.args[0]?.toLowerCase() === 'on',
  )
  const cache = last(scope, 'SSLSessionCache')
  return hosts.map((host, index): ConfiguredSite => {
    const children = unconditional(host.children)
    const setting = (name: string): Directive | undefined => last(children, name) ?? last(scope, name)
    const verify = setting('SSLVerifyClient')
    const how = { optional_no_ca: 'any', optional: 'of_a_ca', require: 'required' } as const
    const value = verify?.args[0]?.toLowerCase() ?? 'none'
    const tickets = setting('SSLSessionTickets')
    const resumes =
      tickets?.args[0]?.toLowerCase() !== 'off'
        ? (tickets ?? host)
        : cache !== undefined && cache.args[0] !== 'none'
          ? cache
          : undefined
    return {
      names: [...named(children, 'ServerName'), ...named(children, 'ServerAlias')].flatMap(({ args }) => args),
      ports: host.args.map((address) => /\d{1,5}$/.exec(address)?.[0] ?? '443'),
      place: host.place,
      asks:
        verify !== undefined && value in how ? { how: how[value as keyof typeof how], place: verify.place } : undefined,
      forwards: forwardsIn(
        children,
        setting('ProxyPreserveHost')?.args[0]?.toLowerCase() === 'on' ? 'handed_on' : 'lost',
      ),
      isDefault: hosts.findIndex(({ args }) => args[0] === host.args[0]) === index,
      resumes: resumes === undefined ? undefined : { place: resumes.place },
      misdirected: 'by_itself',
      badCertificates: 'not_ours',
      tooSmall: undefined,
      connectionHeader: named(children, 'RequestHeader').some(({ args }) => /^connection$/i.test(args[1] ?? ''))
        ? 'guarded'
        : 'unguarded',
      errorsReplaced:
        setting('ProxyErrorOverride')?.args[0]?.toLowerCase() === 'on'
          ? setting('ProxyErrorOverride')?.place
          : undefined,
    }
  })
}

/** What holds whatever modules there are. */
function unconditional(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) =>
    /^If(Module|Define|Version)$/i.test(directive.name) ? unconditional(directive.children) : [directive],
  )
}

function forwardsIn(children: readonly Directive[], host: Forward['host']): readonly Forward[] {
  const passes = children.flatMap((directive) =>
    directive.name.toLowerCase() === 'location'
      ? named(directive.children, 'ProxyPass')
      : /^ProxyPass(Match)?$/i.test(directive.name) && directive.args[1] !== '!'
        ? [directive]
        : [],
  )
  const headers = named(children, 'RequestHeader').filter(({ args }) => !args.some((word) => word.startsWith('expr=')))
  const cleared = headers
    .filter(({ args }) => args[0]?.toLowerCase() === 'unset')
    .map(({ args }) => (args[1] ?? '').toLowerCase())
  const written = headers
    .filter(({ args }) => /^(set|setifempty|append|merge|add)$/i.test(args[0] ?? ''))
    .map(({ args, place }): WrittenHeader => ({
      header: (args[1] ?? '').toLowerCase(),
      value: args[2] ?? '',
      place,
      conditional: args.slice(3).some((word) => word.startsWith('env=')) ? 'yes' : 'no',
      how: /^set$/i.test(args[0] ?? '') ? 'replaces' : 'adds',
    }))
  return passes.map(({ place }) => ({ place, cleared, clearedBy: [], written, host }))
}
