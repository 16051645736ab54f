import { type Side, sideOf } from '../deployment.ts'
import type { EndpointSeen, Evidence } from '../evidence.ts'
import { seenText } from '../probe/seen.ts'
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
    else findings.push(...aliasFindings(evidence.endpoints))
    findings.push(...authorizeFindings(evidence), ...pageFindings(evidence))
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

function aliasFindings(endpoints: readonly EndpointSeen[]): readonly Found[] {
  const unreachable = endpoints.filter(({ seen }) => seen.kind === 'no_connection' || seen.kind === 'silence')
  const dead = endpoints.filter(
    ({ seen }) => seen.kind === 'answer' && (seen.status === 404 || (seen.status < 400 && seen.body !== 'json')),
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

function authorizeFindings({ deployment, authorizeOnMtls }: Evidence): readonly Found[] {
  const { mtls, style } = deployment
  if (mtls === undefined || style === 'path') return []
  const told = sideOf(deployment.authorizationEndpoint)
  const announced = told !== undefined && sameHost(told, mtls)
  const served =
    authorizeOnMtls?.kind === 'answer' && !closed.has(authorizeOnMtls.status) && !refusedByTerminator(authorizeOnMtls)
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

/** What "not here" looks like. */
const closed: ReadonlySet<number> = new Set([403, 404, 405, 410, 421, 495, 496])
