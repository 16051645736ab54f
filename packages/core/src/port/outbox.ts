import type { EpochSeconds } from './clock.ts'

/** Messages that must reach somebody who may be away: kept until they are delivered, or too old. Messages are plain JSON. */
export interface Outbox<Message> {
  /** Keeps the message durably, to be sent from now on, until `expiresAt` at the latest. */
  keep(id: string, message: Message, expiresAt: EpochSeconds): Promise<void>
  /** Takes messages that are due, at most `limit`, and keeps them from everyone else until `until`, when they are due again. */
  claim(now: EpochSeconds, until: EpochSeconds, limit: number): Promise<readonly OutboxEntry<Message>[]>
  /** Makes it due at another time. */
  later(id: string, dueAt: EpochSeconds): Promise<void>
  /** Forgets the message: it has arrived, or nobody waits for it. Idempotent. */
  done(id: string): Promise<void>
}

export interface OutboxEntry<Message> {
  readonly id: string
  readonly message: Message
  /** How often it was claimed, this time among them. */
  readonly attempts: number
}
