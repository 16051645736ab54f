import type { AuditContext } from '../port/audit.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { ClientAuthenticationPorts } from './ports.ts'

/** What is written down about a request before anything is decided: when it came, and with which certificate. */
export function auditContext(request: BackChannelRequest, ports: ClientAuthenticationPorts, now: number): AuditContext {
  return {
    correlationId: request.correlationId ?? ports.random.identifier(),
    at: now,
    clientId: undefined,
    certificateThumbprint: request.certificate?.thumbprint,
  }
}
