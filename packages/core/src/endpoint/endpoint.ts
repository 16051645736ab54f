import type { Answer } from '../protocol-error/answer.ts'
import type { BackChannelRequest } from './back-channel-request.ts'

/** A back-channel endpoint: answers every request, refusals and outages included. Rejects only for a bug of ours. */
export type BackChannelEndpoint = (request: BackChannelRequest) => Promise<Answer>
