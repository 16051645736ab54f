import { sensitiveHeaderNames } from '@holdfast/proxy-config'
import type { Cause } from '../cause.ts'
import type { Found } from '../verdict.ts'
import type { ConfiguredSite, Forward } from './configured-site.ts'
import type { Place } from './directive.ts'

/** Something that a configuration file says, with the place where it says so. */
export interface PlacedFinding extends Found {
  readonly place: Place
  /** Names of the site. */
  readonly site: string
}

/**
 * Everything in the sites of a proxy that goes against mutual TLS.
 *
 * `mtlsHosts` are the names that may ask for certificates; none: those that do.
 */
export function siteFindings(sites: readonly ConfiguredSite[], mtlsHosts: readonly string[]): readonly PlacedFinding[] {
  const wanted = (site: ConfiguredSite): boolean =>
    mtlsHosts.length === 0 ? site.asks !== undefined : site.names.some((name) => mtlsHosts.includes(name.toLowerCase()))
  const askers = sites.filter(wanted)
  const others = sites.filter((site) => !wanted(site))
  return [
    ...others.flatMap(picker),
    ...others.flatMap((site) => forged(site, 'forged_header_on_main_host')),
    ...askers.flatMap((site) => [
      ...asking(site, beside(site, others)),
      ...forged(site, 'forged_header_on_mtls_host'),
      ...certificateHeader(site),
      ...limits(site),
      ...answers(site),
    ]),
    ...sites.flatMap(earlyData),
    ...sessions(askers, others),
    ...misdirected(askers, others),
  ]
}

function picker(site: ConfiguredSite): readonly PlacedFinding[] {
  return site.asks === undefined
    ? []
    : [found(site, site.asks.place, 'picker_on_main_host', 'fault', 'asks for client certificates')]
}

function asking(site: ConfiguredSite, others: readonly ConfiguredSite[]): readonly PlacedFinding[] {
  const { asks } = site
  if (asks === undefined)
    return [found(site, site.place, 'certificate_not_asked', 'fault', 'asks nobody for a certificate')]
  return [
    ...(asks.how === 'required'
      ? [found(site, asks.place, 'certificate_required', 'fault', 'lets nobody in without a certificate')]
      : asks.how === 'of_a_ca'
        ? [found(site, asks.place, 'ca_enforced', 'fault', 'refuses certificates that its own CA does not know')]
        : []),
    ...(site.isDefault && others.length > 0
      ? [found(site, site.place, 'picker_without_server_name', 'warning', 'is what clients without a server name get')]
      : []),
    ...(site.badCertificates === 'error_page' && asks.how === 'any'
      ? [
          found(
            site,
            asks.place,
            'bad_certificate_html',
            'warning',
            'answers expired certificates with an error page of its own',
          ),
        ]
      : []),
  ]
}

function forged(site: ConfiguredSite, cause: Cause): readonly PlacedFinding[] {
  return site.forwards.flatMap((forward) => {
    const own = forward.written.find(({ header, value }) => isCertificateHeader(header) && clientsOwn.test(value))
    if (own !== undefined)
      return [
        found(site, own.place, cause, 'fault', `writes ${own.header} from ${own.value}, which is what a client sent`),
      ]
    const beside = forward.written.find(
      ({ header, how }) => how === 'adds' && isCertificateHeader(header) && !clears(forward, header),
    )
    if (beside !== undefined)
      return [
        found(
          site,
          beside.place,
          cause,
          'fault',
          `writes ${beside.header} beside what a client sent, and does not remove that`,
        ),
      ]
    const left = forward.written.filter(
      ({ header, conditional }) => conditional === 'yes' && isCertificateHeader(header) && !clears(forward, header),
    )
    const [first] = left
    if (first !== undefined)
      return [
        found(
          site,
          first.place,
          cause,
          'fault',
          `writes ${first.header} only sometimes, and does not remove what a client sent in it`,
        ),
      ]
    const passing = sensitiveHeaderNames.filter((name) => !handled(forward, name.toLowerCase()))
    if (passing.length > 0)
      return [found(site, forward.place, cause, 'warning', `forwards without removing ${someOf(passing)}`)]
    const underscores = sensitiveHeaderNames
      .map((name) => name.replaceAll('-', '_'))
      .filter((name) => name.includes('_') && !handled(forward, name.toLowerCase()))
    return underscores.length > 0
      ? [found(site, forward.place, cause, 'warning', `forwards without removing ${someOf(underscores)}`)]
      : []
  })
}

function certificateHeader(site: ConfiguredSite): readonly PlacedFinding[] {
  if (site.asks === undefined) return []
  return site.forwards.flatMap((forward) => {
    const written = forward.written.filter(({ value }) => certificateVariables.test(value))
    const broken = written.find(({ value }) => lineBreaks.test(value))
    if (broken !== undefined)
      return [
        found(
          site,
          broken.place,
          'line_breaks_in_header',
          'fault',
          `writes ${broken.header} from ${broken.value}, which has line breaks`,
        ),
      ]
    return written.length > 0
      ? []
      : [found(site, forward.place, 'certificate_header_dropped', 'fault', 'forwards without the certificate')]
  })
}

function answers(site: ConfiguredSite): readonly PlacedFinding[] {
  const lost = site.forwards.find(({ host }) => host === 'lost')
  return [
    ...(lost === undefined
      ? []
      : [
          found(
            site,
            lost.place,
            'host_not_served',
            'fault',
            'does not tell the server behind which name was asked for',
          ),
        ]),
    ...(site.errorsReplaced === undefined
      ? []
      : [
          found(
            site,
            site.errorsReplaced,
            'error_answers_replaced',
            'fault',
            'puts pages of its own in the place of errors of the server',
          ),
        ]),
  ]
}

function earlyData(site: ConfiguredSite): readonly PlacedFinding[] {
  return site.earlyData === undefined
    ? []
    : [found(site, site.earlyData, 'early_data_accepted', 'warning', 'takes early data, which can be sent again')]
}

function limits(site: ConfiguredSite): readonly PlacedFinding[] {
  return [
    ...(site.tooSmall === undefined
      ? []
      : [
          found(
            site,
            site.tooSmall.place,
            'certificate_too_large',
            'warning',
            `${site.tooSmall.what}: larger certificates become an empty header`,
          ),
        ]),
    ...(site.connectionHeader === 'unguarded' && site.asks !== undefined
      ? [
          found(
            site,
            site.place,
            'header_removed_by_connection',
            'warning',
            'lets clients name headers in Connection, which are then removed',
          ),
        ]
      : []),
  ]
}

function sessions(askers: readonly ConfiguredSite[], others: readonly ConfiguredSite[]): readonly PlacedFinding[] {
  return askers.flatMap((site) => {
    if (site.resumes === undefined) return []
    const shared = beside(site, others).some(({ resumes }) => resumes !== undefined)
    return [
      shared
        ? found(
            site,
            site.resumes.place,
            'session_shared_between_hosts',
            'warning',
            'resumes sessions, and so do the hosts beside it',
          )
        : found(
            site,
            site.resumes.place,
            'expired_certificate_resumed',
            'warning',
            'resumes sessions, whose certificates may have ended',
          ),
    ]
  })
}

function misdirected(askers: readonly ConfiguredSite[], others: readonly ConfiguredSite[]): readonly PlacedFinding[] {
  return others
    .filter((site) => site.misdirected === 'served' && site.forwards.length > 0 && beside(site, askers).length > 0)
    .map((site) =>
      found(
        site,
        site.place,
        'misdirected_request_served',
        'warning',
        'serves requests that came on a connection of the certificate host',
      ),
    )
}

/** The sites that share a port with this one. */
function beside(site: ConfiguredSite, others: readonly ConfiguredSite[]): readonly ConfiguredSite[] {
  return others.filter(({ ports }) => ports.some((port) => site.ports.includes(port)))
}

function found(
  site: ConfiguredSite,
  place: Place,
  cause: Cause,
  severity: Found['severity'],
  what: string,
): PlacedFinding {
  const name = site.names.join(', ') || 'a site without a name'
  return { cause, severity, place, site: name, what: `${name} ${what}` }
}

function handled(forward: Forward, header: string): boolean {
  return (
    clears(forward, header) ||
    forward.written.some(
      ({ header: name, conditional, how }) => name === header && conditional === 'no' && how === 'replaces',
    )
  )
}

function clears({ cleared, clearedBy }: Forward, header: string): boolean {
  return (
    cleared.some((name) => (name.endsWith('*') ? header.startsWith(name.slice(0, -1)) : name === header)) ||
    clearedBy.some((pattern) => pattern.test(header))
  )
}

function isCertificateHeader(header: string): boolean {
  return sensitiveHeaderNames.some((name) => name.toLowerCase() === header)
}

function someOf(names: readonly string[]): string {
  return names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`
}

const certificateVariables =
  /\$ssl_client_(escaped_cert|cert|raw_cert)\b|ssl_c_der|SSL_CLIENT_CERT\}|tls\.client\.certificate_(der_base64|pem)/
/** A header of the request itself, in the words of each language. */
const clientsOwn = /\$http_\w+|req\.f?hdr\(|%\{[^}]+\}i\b|%\{HTTP:|req_http|\{(http\.request\.)?header\./i
const lineBreaks = /\$ssl_client_(raw_)?cert\b|certificate_pem/
const shown = 3
