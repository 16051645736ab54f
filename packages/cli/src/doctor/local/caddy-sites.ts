import type { ConfiguredSite, Forward, WrittenHeader } from './configured-site.ts'
import { type Directive, last, named } from './directive.ts'

/** The sites of a Caddyfile. */
export function caddySites(directives: readonly Directive[]): readonly ConfiguredSite[] {
  const options = directives.filter(({ name }) => name === '').flatMap(({ children }) => children)
  const servers = named(options, 'servers').flatMap(({ children }) => children)
  const careless = last(servers, 'strict_sni_host')?.args[0] === 'insecure_off'
  const sites = directives.filter(({ name, children }) => name !== '' && children.length > 0)
  const anyAsks = sites.some((site) => clientAuth(site) !== undefined)
  return sites.map((site): ConfiguredSite => {
    const auth = clientAuth(site)
    const mode = auth === undefined ? undefined : (last(auth.children, 'mode')?.args[0] ?? 'require_and_verify')
    return {
      names: [site.name, ...site.args].map((name) =>
        name
          .replace(/,$/, '')
          .replace(/^https?:\/\//, '')
          .replace(/:\d+$/, ''),
      ),
      ports: [site.name, ...site.args].map((name) => /:(\d+),?$/.exec(name)?.[1] ?? '443'),
      place: site.place,
      asks:
        auth === undefined
          ? undefined
          : {
              how:
                mode === 'request'
                  ? 'any'
                  : mode === 'require'
                    ? 'required'
                    : mode === 'verify_if_given'
                      ? 'of_a_ca'
                      : 'required',
              place: auth.place,
            },
      forwards: forwardsIn(site.children, []),
      isDefault: false,
      // Caddy always resumes, and cannot be told not to.
      resumes: undefined,
      misdirected: careless && anyAsks ? 'served' : 'by_itself',
      badCertificates: 'not_ours',
      tooSmall: undefined,
      connectionHeader: 'guarded',
    }
  })
}

function clientAuth({ children }: Directive): Directive | undefined {
  return named(children, 'tls')
    .flatMap((tls) => named(tls.children, 'client_auth'))
    .at(-1)
}

function forwardsIn(children: readonly Directive[], before: readonly Directive[]): readonly Forward[] {
  const requestHeaders = [...before, ...named(children, 'request_header')]
  return children.flatMap((directive) => {
    if (directive.name === 'reverse_proxy') return [forwardOf(directive, requestHeaders)]
    return /^(handle|handle_path|route)$/.test(directive.name) ? forwardsIn(directive.children, requestHeaders) : []
  })
}

function forwardOf(proxy: Directive, requestHeaders: readonly Directive[]): Forward {
  const changes = [...requestHeaders, ...named(proxy.children, 'header_up')].map(({ args, place }) => ({
    // A matcher may stand before the name.
    words: args[0]?.startsWith('@') === true || args[0] === '*' ? args.slice(1) : args,
    place,
  }))
  return {
    place: proxy.place,
    cleared: changes.flatMap(({ words }) =>
      words[0]?.startsWith('-') === true ? [words[0].slice(1).toLowerCase()] : [],
    ),
    clearedBy: [],
    written: changes.flatMap(({ words: [name = '', value = ''], place }): readonly WrittenHeader[] =>
      name.startsWith('-') || value === ''
        ? []
        : [
            {
              header: name.replace(/^[+>?]/, '').toLowerCase(),
              value,
              place,
              conditional: 'no',
              how: /^[+?]/.test(name) ? 'adds' : 'replaces',
            },
          ],
    ),
    host: changes.some(
      ({ words: [name = '', value = ''] }) => /^host$/i.test(name) && !/\{(http\.request\.)?host(port)?\}/.test(value),
    )
      ? 'lost'
      : 'handed_on',
  }
}
