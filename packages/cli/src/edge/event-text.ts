import type { ReverseProxyEvent } from '@holdfast/edge/reverse-proxy'

/** What an operator wants to read of an event, or nothing. */
export function eventText(event: ReverseProxyEvent): string | undefined {
  switch (event.event) {
    case 'upstream_failed':
      return `${event.host}: ${event.failure.reason.replaceAll('_', ' ')} (${event.failure.code})${event.moment === 'during' ? ', the answer was cut off' : ''}`
    case 'headers_stripped':
      return `${event.host}: ${event.remoteAddress ?? 'somebody'} sent ${event.headers.map(quoted).join(', ')}, taken out`
    case 'certificate_refused':
      return `certificate refused: ${event.refusal.reason.replaceAll('_', ' ')}`
    case 'request_refused':
    case 'connection_refused':
    case 'certificate_withheld':
    case 'trust_lowered':
      return undefined
  }
}

/** Names come from strangers; only those that are tokens get here, and they may be long. */
function quoted(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name
}

const longestName = 64
