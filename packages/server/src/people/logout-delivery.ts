import type { Audit, Clock, ClientStore, Outbox, Random, SessionRecord, Signer } from '@holdfast/core'
import type { Log } from '../log/create-log.ts'

/** Tells clients that a login has ended (OpenID Connect Back-Channel Logout 1.0), again and again until they have heard it. */
export interface LogoutDelivery {
  /** Keeps a message for every client of the session that wants to be told; answers how many. Sending begins at once. */
  tell(ended: SessionRecord, correlationId: string): Promise<number>
  /** Sends what is due. Never rejects. */
  send(): Promise<void>
  close(): void
}

export interface LogoutMessage {
  readonly clientId: string
  readonly sessionId: string
  /** Of the logout; messages of earlier versions have none. */
  readonly correlationId?: string
}

export interface LogoutDeliveryPorts {
  readonly outbox: Outbox<LogoutMessage>
  readonly clients: () => ClientStore
  readonly signer: Signer
  readonly random: Random
  readonly clock: Clock
  /** Posts a form; whether a 2xx came back. Never rejects. */
  readonly post: (uri: string, form: Readonly<Record<string, string>>) => Promise<'delivered' | 'failed'>
  readonly audit: Audit
  readonly log: Pick<Log, 'unexpected'>
}

/** Begins to send what another process, or this one before its end, left behind. */
export function startLogoutDelivery(issuer: string, ports: LogoutDeliveryPorts): LogoutDelivery {
  const { outbox, signer, random, clock, post, audit, log } = ports
  let running: Promise<void> | undefined
  const timer = setInterval(() => void send(), interval)
  timer.unref()

  const sendOne = async (
    id: string,
    { clientId, sessionId, correlationId = id }: LogoutMessage,
    attempts: number,
  ): Promise<void> => {
    const client = await ports.clients().find(clientId)
    const uri = client?.authorization?.backchannelLogout?.uri
    if (uri === undefined || client?.disabled === true) return outbox.done(id)
    const now = clock.now()
    // §2.4: `sid` says which login; the message has the same `jti` each time it is sent.
    const claims = {
      iss: issuer,
      aud: clientId,
      iat: now,
      exp: now + tokenLifetime,
      jti: id,
      sid: sessionId,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    }
    const outcome = await post(uri, { logout_token: await signer.sign('logout+jwt', JSON.stringify(claims)) })
    await audit.record({
      event: 'logout_told',
      correlationId,
      at: clock.now(),
      clientId,
      certificateThumbprint: undefined,
      sessionId,
      outcome,
      attempts,
    })
    if (outcome === 'delivered') return outbox.done(id)
    return outbox.later(id, now + Math.min(longestPause, firstPause * 2 ** (attempts - 1)))
  }

  async function sendDue(): Promise<void> {
    try {
      for (;;) {
        const now = clock.now()
        const due = await outbox.claim(now, now + claimed, slice)
        await Promise.all(due.map(({ id, message, attempts }) => sendOne(id, message, attempts)))
        if (due.length < slice) return
      }
    } catch (cause) {
      // The store is away; what was claimed is due again later.
      log.unexpected({ correlationId: undefined, where: 'back-channel logout', cause })
    }
  }

  const send = (): Promise<void> => (running ??= sendDue().finally(() => (running = undefined)))

  return {
    send,
    tell: async ({ sessionId, clients }, correlationId) => {
      let told = 0
      for (const clientId of clients) {
        const client = await ports.clients().find(clientId)
        if (client?.authorization?.backchannelLogout === undefined) continue
        await outbox.keep(random.identifier(), { clientId, sessionId, correlationId }, clock.now() + keptFor)
        told++
      }
      if (told > 0) void send()
      return told
    },
    close: () => clearInterval(timer),
  }
}

/** Milliseconds. */
const interval = 10_000

/** Seconds. §2.4 recommends two minutes at most. */
const tokenLifetime = 120

/** Seconds: longer than a post may take. */
const claimed = 60
const slice = 20
const firstPause = 10
const longestPause = 3600

/** Seconds: a client that is away for a day has other worries. */
const keptFor = 86_400
