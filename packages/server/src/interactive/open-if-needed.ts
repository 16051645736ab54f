import type { Configuration } from '../config/configuration.ts'
import type { FetchOptions } from '../jwks-uri/fetch-text.ts'
import type { Interactive, InteractiveBasis } from './open-interactive.ts'

/** Loads what people need where the configuration asks for it: a server of machines starts without. */
export async function openIfNeeded(
  configuration: Configuration,
  basis: Omit<InteractiveBasis, 'fetchText' | 'ping' | 'post'>,
  fetching: Omit<FetchOptions, 'accept'>,
): Promise<Interactive | undefined> {
  if (!servesPeople(configuration)) return undefined
  const [{ openInteractive }, { createFetchText }, { createCibaPing }, { createPostForm }] = await Promise.all([
    import('./open-interactive.ts'),
    import('../jwks-uri/fetch-text.ts'),
    import('./ciba-ping.ts'),
    import('./post-form.ts'),
  ])
  const fetchText = createFetchText({ ...fetching, accept: 'application/oauth-authz-req+jwt, application/jwt, */*' })
  return openInteractive({ ...basis, fetchText, ping: createCibaPing(fetching), post: createPostForm(fetching) })
}

/** Whether anybody logs in to this server, a client acts for people, or clients register themselves. */
export function servesPeople({ people, clients, registration }: Configuration): boolean {
  const acts = clients.summary().grantTypes.some((grant) => grant !== 'client_credentials')
  return people !== undefined || registration !== undefined || acts
}
