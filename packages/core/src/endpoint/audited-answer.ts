import type { Audit, AuditContext, AuditedEndpoint } from '../port/audit.ts'
import type { Answer } from '../protocol-error/answer.ts'
import { errorResponse } from '../protocol-error/error-response.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { claimedClientId } from './authenticate-request.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { reach } from './reach.ts'

/** Writes a refusal down, then puts it into the words of the wire. What cannot be written down is answered as an outage. */
export async function refusal(
  request: BackChannelRequest,
  endpoint: AuditedEndpoint,
  failure: Failure,
  context: AuditContext,
  audit: Audit,
): Promise<Answer> {
  const challenge = request.authorization === undefined ? undefined : 'Basic'
  const clientId = claimedClientId(request)
  const recorded = await reach('audit', () =>
    audit.record({ ...context, clientId, event: 'request_refused', endpoint, failure }),
  )
  return errorResponse(recorded.ok ? failure : recorded.failure, context.correlationId, challenge)
}
