import { type Check, found, good, skipped, unknown } from '../verdict.ts'

/** Check 3: a certificate is asked for in the handshake, not once the path is known. */
export const pathAsks: Check = {
  number: 3,
  title: 'asked in the handshake, not for a path',
  decide: ({ deployment, asksDuringRequest, endpoints }) => {
    if (deployment.style !== 'path') return skipped('a host or port of its own')
    if (asksDuringRequest === 'no') {
      const dead = endpoints.every(({ seen }) => seen.kind === 'answer' && seen.status === 404)
      return dead
        ? skipped('there is nothing at the path')
        : found(
            [
              {
                cause: 'certificate_not_asked',
                severity: 'fault',
                what: `nobody asks for a certificate at ${deployment.mtls?.base ?? ''}, in the handshake or later`,
              },
            ],
            '',
          )
    }
    if (asksDuringRequest === 'not_tried') return unknown('the certificate host cannot be reached')
    if (asksDuringRequest === 'in_handshake') return good('in the handshake, of everybody: see check 1')
    return found(
      [
        {
          cause: 'certificate_asked_by_path',
          severity: 'warning',
          what:
            asksDuringRequest === 'yes'
              ? 'the certificate is asked for during the request, by TLS 1.2 renegotiation'
              : 'the certificate is asked for after the handshake, which this client like most does not offer',
        },
      ],
      '',
    )
  },
}
