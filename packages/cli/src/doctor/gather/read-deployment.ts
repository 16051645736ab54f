import { CommandError } from '../../command-error.ts'
import { type Deployment, deploymentOf, type Side } from '../deployment.ts'
import { asker } from '../probe/ask.ts'
import { openConnection, type Reach } from '../probe/open-connection.ts'
import { certificateFault } from '../server-certificate.ts'
import { type Seen, seenText } from '../probe/seen.ts'

/** The deployment as its metadata have it; where there are none, what came in their place. */
export interface DeploymentRead {
  readonly deployment: Deployment
  readonly metadata: 'read' | Seen
}

/** Fetches the metadata of an issuer, or ends with what was in the way: where nobody is, nothing can be examined. */
export async function readDeployment(
  url: URL,
  reach: Reach,
  note: (seen: Seen) => void,
  now: number,
): Promise<DeploymentRead> {
  const issuer = url.href.replace(/\/$/, '')
  const port = url.port === '' ? 443 : Number(url.port)
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  const side: Side = { name: url.hostname, port, authority: url.host, base: '', token: '/token' }
  const connection = await openConnection({ name: side.name, port }, reach)
  if ('kind' in connection)
    throw new CommandError('unknown', `${issuer} cannot be reached: ${seenText(connection)}`, {
      hint: '--connect HOST:PORT leads to an address that its name does not',
    })
  const { facts } = connection
  if (
    facts.distrust !== undefined &&
    certificateFault(facts, reach.ca === undefined ? 'of_the_system' : 'named', now) === undefined
  ) {
    connection.socket.destroy()
    throw new CommandError('unknown', `the certificate of ${side.name} is not trusted: ${facts.distrust}`, {
      hint: '--ca FILE names the CA of the server; or the server does not send its intermediate certificates',
    })
  }
  const asking = asker(connection, reach)
  try {
    let last: Seen | undefined
    for (const document of documents(path)) {
      last = await asking.ask({ host: side.authority, path: document })
      note(last)
      if (last.kind === 'answer' && last.status === 200 && last.body === 'json')
        return {
          deployment: deploymentOf(issuer, JSON.parse(last.text) as Readonly<Record<string, unknown>>),
          metadata: 'read',
        }
      if (!asking.usable()) break
    }
    if (last?.kind === 'answer') return { deployment: deploymentOf(issuer, { issuer }), metadata: last }
    throw new CommandError('unknown', `${issuer} has no metadata: ${seenText(last)}`, {
      hint: `is this the issuer? it must answer ${documents(path)[0] ?? ''} (RFC 8414 §3)`,
    })
  } finally {
    asking.close()
  }
}

function documents(path: string): readonly string[] {
  return [`/.well-known/oauth-authorization-server${path}`, `${path}/.well-known/openid-configuration`]
}
