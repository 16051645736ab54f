import { ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { AuditedEndpoint } from '../port/audit.ts'
import type { Awaitable } from '../port/awaitable.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { andThen } from './and-then.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { FormParameters } from './form-parameters.ts'
import { reportOnly, type Reporting } from './report-only.ts'

/** Establishes which client is asking at an endpoint where nothing is bound, and reports what it is to be held to later. */
export function authenticateAt(
  endpoint: AuditedEndpoint,
  form: FormParameters,
  asking: Reporting,
): Awaitable<Result<AuthenticatedClient, Failure>> {
  const { request, ports, settings, now } = asking
  return andThen(authenticateRequest(request, form, ports, settings, now), (authenticated) => {
    if (authenticated.client.reportOnly === undefined) return ok(authenticated)
    return andThen(reportOnly(authenticated, undefined, endpoint, asking), () => ok(authenticated))
  })
}
