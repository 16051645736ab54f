import { randomUUID } from 'node:crypto'
import type { Deployment, Side } from '../deployment.ts'
import type { ThrowAways } from '../throw-away-certificates.ts'
import { asker, type Asker } from '../probe/ask.ts'
import { openConnection, type OpenConnection, type Opening, type Reach } from '../probe/open-connection.ts'
import type { Seen } from '../probe/seen.ts'

/** What every group of probes works with. */
export interface Probes {
  readonly deployment: Deployment
  readonly reach: Reach
  readonly certificates: ThrowAways
  /** Asks for the echo, or without a token asks the token endpoint for what it must refuse. */
  readonly question: (side: Side) => Question
  /** Shown with `Holdfast-Doctor` the echo answers at any path; `undefined` where no token is known on that side. */
  readonly token: (side: Side) => string | undefined
  /** Every answer passes here: what they say of the terminator is kept. */
  readonly note: (seen: Seen) => void
  /** Epoch seconds. */
  readonly now: () => number
  readonly wait: (milliseconds: number) => Promise<void>
}

export interface Question {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly form: string | undefined
}

/** Opens a connection, asks once, and closes it. */
export async function askOnce(
  probes: Probes,
  opening: Opening,
  side: Side,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<Seen> {
  const connection = await openConnection(opening, probes.reach)
  if ('kind' in connection) return connection
  const asking = asker(connection, probes.reach)
  try {
    return await askOn(probes, connection, asking, side, headers)
  } finally {
    asking.close()
  }
}

/** Asks on an open connection. The token is shown only to a server whose certificate is believed. */
export async function askOn(
  probes: Probes,
  { facts }: OpenConnection,
  asking: Asker,
  side: Side,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<Seen> {
  const { path, headers: own, form } = probes.question(side)
  const known = facts.distrust === undefined ? own : {}
  const seen = await asking.ask({
    host: side.authority,
    // A cache on the way answers only what was asked before.
    path: form === undefined ? `${path}?ask=${randomUUID()}` : path,
    headers: { ...known, ...headers },
    ...(form === undefined ? {} : { form }),
  })
  probes.note(seen)
  return seen
}

/** The question that is asked: the echo with its token, or a form that only a server can refuse as it must be. */
export function questionOf(token: string | undefined): (side: Side) => Question {
  return (side) =>
    token === undefined
      ? { path: side.token, headers: {}, form: 'grant_type=client_credentials&client_id=holdfast-doctor' }
      : { path: `${side.base}/doctor/echo`, headers: { Authorization: `Bearer ${token}` }, form: undefined }
}
