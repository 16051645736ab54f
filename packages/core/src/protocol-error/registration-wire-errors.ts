import type { RegistrationFailure } from './registration-failure.ts'
import { type WireError, wireError } from './wire-error.ts'

/** RFC 7591 §3.2.2; tokens as RFC 6750 §3.1 has them. */
export const registrationWireErrors: { readonly [Reason in RegistrationFailure['reason']]: WireError } = {
  registration_token_missing: wireError(undefined, 401, 'An access token for registration is needed.'),
  registration_token_unknown: wireError('invalid_token', 401, 'The access token is not good for this registration.'),
  registration_document_malformed: wireError('invalid_client_metadata', 400, 'The body must be one JSON object.'),
  registration_redirect_uri_refused: wireError('invalid_redirect_uri', 400, 'A redirect URI is refused.'),
  registration_metadata_refused: wireError('invalid_client_metadata', 400, 'The client metadata are refused.'),
  registration_member_fixed: wireError('invalid_client_metadata', 400, 'A member that only the server sets is there.'),
  registration_changed_meanwhile: wireError('invalid_request', 409, 'The registration was changed meanwhile.'),
  software_statement_missing: wireError('invalid_software_statement', 400, 'A software statement is needed.'),
  software_statement_refused: wireError('invalid_software_statement', 400, 'The software statement is not good.'),
  software_statement_issuer_unknown: wireError(
    'unapproved_software_statement',
    400,
    'The issuer of the software statement is not approved here.',
  ),
  software_statement_unapproved: wireError(
    'unapproved_software_statement',
    400,
    'The software statement is not approved for this registration.',
  ),
}
