import type { ConfiguredSite, Forward, WrittenHeader } from './configured-site.ts'
import { type Directive, last, named } from './directive.ts'

/** The servers of a configuration of nginx that end TLS. */
export function nginxSites(directives: readonly Directive[]): readonly ConfiguredSite[] {
  // A file for conf.d has no http block around it.
  const http = named(directives, 'http')
  const around = http.flatMap(({ children }) => children)
  const scope = http.length === 0 ? directives : around
  const servers = named(scope, 'server').filter(({ children }) =>
    named(children, 'listen').some(({ args }) => args.includes('ssl') || args.includes('quic')),
  )
  const defaults = new Set(
    [...new Set(servers.flatMap((server) => ports(server)))].map(
      (port) =>
        servers.find((server) => named(server.children, 'listen').some((listen) => isDefaultOf(listen, port))) ??
        servers.find((server) => ports(server).includes(port)),
    ),
  )
  const mapped = mappedValues(scope)
  return servers.map((server) => withMapped(siteOf(server, scope, defaults.has(server)), mapped))
}

/** What a variable that a `map` sets can be, all of it in one text. */
function mappedValues(scope: readonly Directive[]): ReadonlyMap<string, string> {
  return new Map(
    named(scope, 'map').map(({ args, children }) => [
      args[1] ?? '',
      children.map(({ args: [value] }) => value).join(' '),
    ]),
  )
}

function withMapped(site: ConfiguredSite, mapped: ReadonlyMap<string, string>): ConfiguredSite {
  return {
    ...site,
    forwards: site.forwards.map((forward) => ({
      ...forward,
      written: forward.written.map((header) => ({ ...header, value: mapped.get(header.value) ?? header.value })),
    })),
  }
}

function siteOf(server: Directive, scope: readonly Directive[], isDefault: boolean): ConfiguredSite {
  const { children } = server
  const setting = (name: string): Directive | undefined => last(children, name) ?? last(scope, name)
  const verify = setting('ssl_verify_client')
  const how = { optional_no_ca: 'any', optional: 'of_a_ca', on: 'required' } as const
  const value = verify?.args[0] ?? 'off'
  const tickets = setting('ssl_session_tickets')
  const cache = setting('ssl_session_cache')
  const resumes =
    tickets?.args[0] !== 'off'
      ? (tickets ?? server)
      : /^(shared|builtin)/.test(cache?.args[0] ?? '')
        ? cache
        : undefined
  const handsOn = named([...scope, ...children], 'error_page').some(({ args }) => args.includes('495'))
  return {
    names: named(children, 'server_name').flatMap(({ args }) => args),
    ports: ports(server).map((address) => /\d{1,5}$/.exec(address)?.[0] ?? address),
    place: server.place,
    asks:
      verify !== undefined && value in how ? { how: how[value as keyof typeof how], place: verify.place } : undefined,
    forwards: forwardsIn(children, inherited(scope, []), setting('underscores_in_headers')?.args[0] === 'on'),
    isDefault,
    resumes: resumes === undefined ? undefined : { place: resumes.place },
    misdirected: answers421(children) ? 'answered' : 'served',
    badCertificates: handsOn ? 'forwarded' : 'error_page',
    tooSmall: undefined,
    connectionHeader: 'guarded',
    earlyData: (switchedOn(children, 'ssl_early_data') ?? switchedOn(scope, 'ssl_early_data'))?.place,
    errorsReplaced: (
      switchedOn(deep(children), 'proxy_intercept_errors') ?? switchedOn(scope, 'proxy_intercept_errors')
    )?.place,
  }
}

/** `proxy_set_header` is inherited only where a block has none of its own. */
function inherited(children: readonly Directive[], before: readonly Directive[]): readonly Directive[] {
  const own = named(children, 'proxy_set_header')
  return own.length > 0 ? own : before
}

function forwardsIn(
  children: readonly Directive[],
  before: readonly Directive[],
  underscores: boolean,
): readonly Forward[] {
  const headers = inherited(children, before)
  const passes = [...named(children, 'proxy_pass'), ...named(children, 'grpc_pass')]
  return [
    ...passes.map((pass) => forwardOf(pass, headers, underscores)),
    ...[...named(children, 'location'), ...named(children, 'if')].flatMap((inner) =>
      forwardsIn(inner.children, headers, underscores),
    ),
  ]
}

function forwardOf({ place }: Directive, headers: readonly Directive[], underscores: boolean): Forward {
  const written: WrittenHeader[] = headers.map(({ args, place: where }) => ({
    header: (args[0] ?? '').toLowerCase(),
    value: args[1] ?? '',
    place: where,
    conditional: 'no',
    how: 'replaces',
  }))
  return {
    place,
    // An empty value removes the header.
    cleared: written.filter(({ value }) => value === '').map(({ header }) => header),
    clearedBy: underscores ? [] : [/_/],
    written: written.filter(({ value }) => value !== ''),
    // Left alone, nginx writes the name of its upstream there.
    host: written.some(({ header, value }) => header === 'host' && clientsHost.test(value)) ? 'handed_on' : 'lost',
  }
}

function switchedOn(directives: readonly Directive[], name: string): Directive | undefined {
  const found = last(directives, name)
  return found?.args[0] === 'on' ? found : undefined
}

/** Everything in a block and in those inside it. */
function deep(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) => [directive, ...deep(directive.children)])
}

function answers421(children: readonly Directive[]): boolean {
  return children.some(
    (directive) =>
      (directive.name === 'return' && directive.args[0] === '421') ||
      (directive.name === 'if' && answers421(directive.children)),
  )
}

function ports({ children }: Directive): readonly string[] {
  return named(children, 'listen').map(({ args }) => args[0] ?? '')
}

function isDefaultOf({ args }: Directive, port: string): boolean {
  return args[0] === port && (args.includes('default_server') || args.includes('default'))
}

const clientsHost = /\$(http_host|host|server_name|ssl_server_name)\b|^[a-z0-9.-]+(:\d+)?$/i
