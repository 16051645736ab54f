import { type Side, sideOf } from '../deployment.ts'
import type { EndpointSeen, Evidence } from '../evidence.ts'
import { type Seen, seenText } from '../probe/seen.ts'
import { trouble } from '../trouble.ts'
import { refusedByTerminator } from './self-signed-accepted.ts'
import { type Check, type Found, found } from '../verdict.ts'

/** Check 19: the metadata lead where certificates are taken, and nowhere else (RFC 8414 §3.3, RFC 8705 §5). */
export const metadataAndAliases: Check = {
  number: 19,
  title: 'metadata and aliases lead home',
  decide: (evidence) => {
    const { deployment } = evidence
    const findings: Found[] = []
    if (deployment.claimedIssuer !== deployment.issuer)
      findings.push({
        cause: 'issuer_differs',
        severity: 'fault',
        what: `the metadata of ${deployment.issuer} say that the issuer is ${deployment.claimedIssuer ?? 'nobody'}`,
      })
    for (const [endpoint, url] of deployment.aliases)
      if (sideOf(url) === undefined)
        findings.push({ cause: 'alias_not_https', severity: 'fault', what: `the alias of ${endpoint} is ${url}` })
    const alien = alienIssuer(evidence)
    if (alien !== undefined)
      findings.push({
        cause: 'alias_of_another_issuer',
        severity: 'fault',
        what: `${deployment.mtls?.authority ?? ''} belongs to ${alien}`,
      })
    else findings.push(...aliasFindings(evidence), ...forgottenAliases(evidence))
    findings.push(...mainEndpointFindings(evidence), ...authorizeFindings(evidence), ...pageFindings(evidence))
    return found(findings, `${evidence.endpoints.length} aliases answer`)
  },
}

/** Who else answers on the certificate host: by the metadata that it serves, or by the echo. */
function alienIssuer({ deployment, aliasMetadata, certificates }: Evidence): string | undefined {
  if (aliasMetadata !== undefined && aliasMetadata.issuer !== deployment.issuer)
    return aliasMetadata.issuer === undefined ? 'a server that is no issuer' : `the issuer ${aliasMetadata.issuer}`
  for (const { seen } of certificates) {
    const issuer = seen.kind === 'answer' ? seen.echo?.issuer : undefined
    if (issuer !== undefined && issuer !== deployment.issuer && issuer !== deployment.claimedIssuer)
      return `the issuer ${issuer}`
  }
  return undefined
}

function aliasFindings({ endpoints, asksDuringRequest }: Evidence): readonly Found[] {
  const unreachable = endpoints.filter(({ seen }) => seen.kind === 'no_connection' || seen.kind === 'silence')
  // Below a path that asks for certificates, who has none may be turned away by the terminator: see check 3.
  const asked = asksDuringRequest === 'yes' || asksDuringRequest === 'refused'
  const dead = endpoints.filter(
    ({ seen }) => answersNothing(seen) && !(asked && seen.kind === 'answer' && seen.status === 403),
  )
  const list = (some: readonly EndpointSeen[]): string => {
    const [first] = some
    return `${first?.url ?? ''}${some.length > 1 ? ` and ${some.length - 1} more` : ''}`
  }
  return [
    ...(unreachable.length === 0
      ? []
      : ([
          {
            cause: 'alias_unreachable',
            severity: 'fault',
            what: `${list(unreachable)}: ${seenText(unreachable[0]?.seen)}`,
          },
        ] as const)),
    ...(dead.length === 0
      ? []
      : ([
          { cause: 'alias_answers_nothing', severity: 'fault', what: `${list(dead)}: ${seenText(dead[0]?.seen)}` },
        ] as const)),
  ]
}

/** Nothing is there, or somebody else than the server: an empty form must be refused in JSON. */
function answersNothing(seen: Seen): boolean {
  if (seen.kind !== 'answer' || seen.body === 'json' || trouble(seen) !== undefined)
    return seen.kind === 'answer' && seen.status === 404
  return seen.status < 400 || [403, 404, 405, 410].includes(seen.status)
}

/** Endpoints that take clients and have no alias, although others do (RFC 8705 §5). */
function forgottenAliases({ deployment }: Evidence): readonly Found[] {
  const { aliases, endpoints } = deployment
  if (aliases.size === 0) return []
  const forgotten = backChannel.filter((name) => endpoints.has(name) && !aliases.has(name))
  return forgotten.length === 0
    ? []
    : [
        {
          cause: 'aliases_missing',
          severity: forgotten.includes('token_endpoint') ? 'fault' : 'warning',
          what: `mtls_endpoint_aliases has no ${forgotten.join(', ')}, which the metadata have`,
        },
      ]
}

function mainEndpointFindings({ mainEndpoints, deployment }: Evidence): readonly Found[] {
  const findings: Found[] = []
  const keys = mainEndpoints.find(({ endpoint }) => endpoint === 'jwks_uri')
  if (keys !== undefined && !hasKeys(keys.seen))
    findings.push({
      cause: 'jwks_unreachable',
      severity: 'fault',
      what: `jwks_uri ${keys.url} meets ${seenText(keys.seen)}${keys.seen.kind === 'answer' && keys.seen.body === 'json' ? ' without keys' : ''}`,
    })
  const here = new Set([...deployment.aliases.values()])
  const dead = mainEndpoints.filter(
    ({ endpoint, url, seen }) =>
      endpoint !== 'jwks_uri' &&
      !here.has(url) &&
      (seen.kind !== 'answer' || answersNothing(seen) || trouble(seen) !== undefined),
  )
  const [first] = dead
  if (first !== undefined)
    findings.push({
      cause: 'endpoint_answers_nothing',
      severity: 'fault',
      what: `${first.endpoint} ${first.url}${dead.length > 1 ? ` and ${dead.length - 1} more` : ''}: ${seenText(first.seen)}`,
    })
  return findings
}

function hasKeys(seen: Seen): boolean {
  if (seen.kind !== 'answer' || seen.status !== 200 || seen.body !== 'json') return false
  const { keys } = JSON.parse(seen.text) as { readonly keys?: unknown }
  return Array.isArray(keys) && keys.length > 0
}

function authorizeFindings({ deployment, authorizeOnMtls }: Evidence): readonly Found[] {
  const { mtls, style } = deployment
  if (mtls === undefined || style === 'path') return []
  const told = sideOf(deployment.authorizationEndpoint)
  const announced = told !== undefined && sameHost(told, mtls)
  const served =
    authorizeOnMtls?.kind === 'answer' &&
    !closed.has(authorizeOnMtls.status) &&
    trouble(authorizeOnMtls) !== 'server_not_reached' &&
    !leadsElsewhere(authorizeOnMtls, mtls) &&
    !refusedByTerminator(authorizeOnMtls)
  if (!announced && !served) return []
  return [
    {
      cause: 'authorize_on_mtls_host',
      severity: 'fault',
      what: announced
        ? `authorization_endpoint is on ${mtls.authority}, which asks for certificates`
        : `${mtls.authority} serves the authorization endpoint (${seenText(authorizeOnMtls)})`,
    },
  ]
}

/** People who come there by mistake are sent to the host for people. */
function leadsElsewhere({ headers }: { readonly headers: Readonly<Record<string, string>> }, mtls: Side): boolean {
  const to = sideOf(headers['location'])
  return to !== undefined && !sameHost(to, mtls)
}

function pageFindings({ deployment, pages }: Evidence): readonly Found[] {
  const { mtls, style } = deployment
  if (mtls === undefined || style === 'path') return []
  const page = pages.find(({ text, headers }) => text.includes(`//${mtls.authority}`) || headers.includes(mtls.name))
  return page === undefined
    ? []
    : [
        {
          cause: 'page_references_mtls_host',
          severity: 'fault',
          what: `${page.url} refers to ${mtls.authority}`,
        },
      ]
}

function sameHost(a: Side, b: Side): boolean {
  return a.name === b.name && a.port === b.port
}

/** What takes clients, and so certificates (RFC 8705 §5). */
const backChannel: readonly string[] = [
  'token_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
]
/** What "not here" looks like. */
const closed: ReadonlySet<number> = new Set([403, 404, 405, 410, 421, 495, 496])
