import { CommandError } from '../../command-error.ts'
import { type Deployment, deploymentOf, type Side } from '../deployment.ts'
import { asker } from '../probe/ask.ts'
import { openConnection, type Reach } from '../probe/open-connection.ts'
import { type Seen, seenText } from '../probe/seen.ts'

/** Fetches the metadata of an issuer, or ends with what was in the way: without them nothing can be examined. */
export async function readDeployment(url: URL, reach: Reach, note: (seen: Seen) => void): Promise<Deployment> {
  const issuer = url.href.replace(/\/$/, '')
  const port = url.port === '' ? 443 : Number(url.port)
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  const side: Side = { name: url.hostname, port, authority: url.host, base: '', token: '/token' }
  const connection = await openConnection({ name: side.name, port }, reach)
  if ('kind' in connection)
    throw new CommandError('unknown', `${issuer} cannot be reached: ${seenText(connection)}`, {
      hint: '--connect HOST:PORT leads to an address that its name does not',
    })
  const { distrust } = connection.facts
  if (distrust !== undefined) {
    connection.socket.destroy()
    throw new CommandError('unknown', `the certificate of ${side.name} is not trusted: ${distrust}`, {
      hint: '--ca FILE names the CA of the server',
    })
  }
  const asking = asker(connection, reach)
  try {
    let last: Seen | undefined
    for (const document of documents(path)) {
      last = await asking.ask({ host: side.authority, path: document })
      note(last)
      if (last.kind === 'answer' && last.status === 200 && last.body === 'json')
        return deploymentOf(issuer, JSON.parse(last.text) as Readonly<Record<string, unknown>>)
      if (!asking.usable()) break
    }
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
