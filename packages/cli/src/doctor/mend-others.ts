import type { Cause } from './cause.ts'
import { type Mend, todo } from './mend-text.ts'

/** What the doctor tells to do where it knows no better: on terminators without a list of their own, or none that it recognises. */
export const mendOthers: { readonly [Name in Cause]: Mend } = {
  picker_on_main_host: todo(
    'ask for certificates on the certificate host only; a terminator that asks for a whole listener needs a second listener or address',
  ),
  picker_without_server_name: todo('let the host for people answer clients that name no server'),
  certificate_not_asked: todo(
    'ask for a client certificate on the certificate host, without insisting and without a CA',
  ),
  certificate_asked_by_path: todo('give certificates a host name or a port of their own (hosts in holdfast.yaml)'),
  aliases_missing: todo(
    'name a host with the role mtls in holdfast.yaml: its URLs become mtls_endpoint_aliases',
    'hosts: { mtls.login.example.com: { role: mtls } }',
  ),
  certificate_required: todo('ask for the certificate, do not require it'),
  ca_enforced: todo(
    'let every certificate through and leave the decision to the server; without that only the PKI method works',
  ),
  bad_certificate_html: todo('hand requests with bad certificates on, in place of an error page'),
  bad_certificate_alert: todo(
    'let bad certificates through where the terminator can; else tell clients what the alert means',
  ),
  certificate_header_dropped: todo(
    'see what `holdfast proxy-config PRESET` writes for this terminator, and which listener the requests come in on',
  ),
  certificate_header_undecodable: todo(
    'let client-certificate.from in holdfast.yaml name the terminator that writes the header',
  ),
  plus_turned_to_blank: todo('do not form-decode the value on the way: percent-decoding leaves + alone'),
  pem_flattened: todo('choose the preset that reads PEM on one line (apache, f5, netscaler)'),
  line_breaks_in_header: todo('write the certificate percent-encoded, or as base64 of its DER'),
  thumbprint_differs: todo('hand on the certificate of the client, not that of the proxy or of its CA'),
  certificate_too_large: todo('raise the limit for request headers on the way to at least 32 KB'),
  large_body_refused: todo(
    'allow request bodies of 64 KB; a terminator that renegotiates for the certificate buffers them, and has a limit of its own',
  ),
  chain_not_forwarded: todo(
    'list the intermediates in holdfast.yaml',
    'trust: { NAME: { intermediates: [./issuing.pem] } }',
  ),
  forged_header_on_main_host: todo('remove every certificate header from what clients send, on every host and route'),
  forged_header_on_mtls_host: todo(
    'remove every certificate header from what clients send before the own one is written',
  ),
  forged_header_by_mixed_names: todo('remove the headers on every host, and answer 421 where TLS and Host differ'),
  header_removed_by_connection: todo(
    'cut the Connection header of clients down; in holdfast.yaml verdict: required refuses what comes without the verdict',
  ),
  session_loses_certificate: todo('switch session resumption off on the certificate host'),
  session_shared_between_hosts: todo('give each host session keys of its own, or none'),
  misdirected_request_served: todo('answer 421 where the TLS name and Host differ'),
  expired_certificate_resumed: todo('switch session resumption off on the certificate host'),
  plain_http_served: todo('close plain HTTP on this host, or redirect it'),
  backend_believes_headers: todo(
    'listen on a Unix socket, or give the listener a proof of the proxy',
    'client-certificate: { from: …, proxy-secret-file: ./proxy-secret }',
  ),
  issuer_differs: todo(
    'let issuer in holdfast.yaml be exactly the URL that clients use; a proxy must not serve metadata of its own',
  ),
  alias_not_https: todo('mend mtls_endpoint_aliases in the metadata'),
  alias_unreachable: todo(
    'let the name of the certificate host lead to the terminator, or mend the alias in the metadata',
  ),
  alias_answers_nothing: todo(
    'let mtls_endpoint_aliases in the metadata be what the server says: a copy that a proxy serves grows old',
  ),
  alias_of_another_issuer: todo('let the alias lead to this issuer’s own certificate host'),
  authorize_on_mtls_host: todo(
    'serve only the back channel on the certificate host; authorization_endpoint belongs on the host for people',
  ),
  page_references_mtls_host: todo(
    'take the reference out of the page, and forbid it',
    "Content-Security-Policy: default-src 'self'",
  ),
  metadata_unreachable: todo(
    'hand /.well-known/ on to the server, without a login, a page or a file of the terminator in between',
  ),
  server_not_reached: todo(
    'let the terminator lead to an address on which the server listens, and may be reached: `holdfast serve` prints its addresses',
  ),
  host_not_served: todo(
    'lead each host to the listener that serves it (hosts of the listener in holdfast.yaml), and hand its name on unchanged',
  ),
  redirected: todo('hand requests on in place of redirecting them; redirect plain HTTP alone'),
  error_answers_replaced: todo('hand the answers of the server on as they are, whatever their status'),
  body_changed: todo('hand the body on as it is'),
  answer_from_cache: todo(
    'cache nothing on these hosts, whatever a general rule says: Cache-Control: no-store is meant',
  ),
  large_header_refused: todo('raise the limit for request headers to at least 16 KB'),
  chain_refused: todo('allow chains of several certificates'),
  jwks_unreachable: todo(
    'let jwks_uri lead to the server: what a proxy serves in its place, or keeps for people who have logged in, is no use to an API',
  ),
  endpoint_answers_nothing: todo('hand every path of the metadata on to the server'),
  early_data_accepted: todo('take no early data on these hosts'),
  cross_origin_credentials: todo(
    'take the CORS headers out: no page needs an endpoint with certificates, and Holdfast sends what its documents need',
  ),
  server_certificate_expired: todo('renew it, and let the terminator load it again'),
  server_certificate_incomplete: todo(
    'serve the intermediate certificates behind the certificate of the server, in the same file, without the root',
  ),
  server_certificate_of_another_name: todo('serve a certificate whose subjectAltName has this host'),
  clock_differs: todo('let NTP keep the clocks of both machines', 'timedatectl set-ntp true'),
  token_refused: todo('`holdfast explain` says why; check --client-id, --cert and --key'),
  token_not_bound: todo('register the client with tls_client_certificate_bound_access_tokens: true'),
  api_refuses_owner: todo('let the API see the certificate: the same rules hold for its terminator'),
  api_ignores_binding: todo('compare cnf.x5t#S256 of the token with the certificate: `holdfast guard` does'),
}
