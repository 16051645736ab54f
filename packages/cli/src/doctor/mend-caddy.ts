import { type Mends, todo, unavoidable } from './mend-text.ts'

/** What the doctor tells to do on Caddy. */
export const mendCaddy: Mends = {
  picker_on_main_host: todo(
    'take client_auth out of this site, and out of a wildcard site that covers it: before August 2026 those asked on every host below',
  ),
  picker_without_server_name: todo('name the host for people as the default', 'default_sni login.example.com'),
  certificate_not_asked: todo('ask in the site of the certificate host', 'client_auth { mode request }'),
  certificate_required: todo('ask without insisting', 'client_auth { mode request }'),
  ca_enforced: todo('take every certificate, and let the server decide', 'client_auth { mode request }'),
  certificate_header_dropped: todo(
    'write the header in the site of the certificate host; header_up with a minus after it takes it away again',
    'header_up X-SSL-Client-Cert "{http.request.tls.client.certificate_der_base64}"',
  ),
  certificate_header_undecodable: todo(
    'write the format of the preset: plain base64 for caddy, colons around it for caddy-rfc9440',
    'header_up X-SSL-Client-Cert "{http.request.tls.client.certificate_der_base64}"',
  ),
  line_breaks_in_header: todo(
    'certificate_pem has line breaks in it: use the other variable',
    'header_up X-SSL-Client-Cert "{http.request.tls.client.certificate_der_base64}"',
  ),
  large_body_refused: todo('allow what Holdfast takes', 'request_body { max_size 65536 }'),
  forged_header_on_main_host: todo(
    'remove every certificate header in this site too, with - and with _',
    'request_header -X-SSL-Client*',
    'request_header -Client-Cert*',
  ),
  forged_header_on_mtls_host: todo(
    'remove every other certificate header here too, with - and with _',
    'request_header -Client-Cert*',
  ),
  forged_header_by_mixed_names: todo('remove the headers in every site', 'request_header -Client-Cert*'),
  session_shared_between_hosts: unavoidable(
    'Caddy keeps one set of ticket keys for all its sites; a client that mixes them up is refused, not mistaken for another',
  ),
  expired_certificate_resumed: unavoidable(
    'Caddy resumes sessions and looks at no dates; Holdfast judges the certificate at each request',
  ),
  server_not_reached: todo(
    'let reverse_proxy lead where Holdfast listens, and Caddy may connect',
    'reverse_proxy unix//run/holdfast/mtls.sock',
  ),
  host_not_served: todo(
    'leave Host as it is, and lead each site to the listener that serves it; header_up Host {upstream_hostport} is for other servers',
    'header_up Host {host}',
  ),
  redirected: todo('take redir out of this site'),
  error_answers_replaced: todo('take handle_response out of reverse_proxy'),
  large_header_refused: todo('allow larger headers', 'servers { max_header_size 32KB }'),
  alias_answers_nothing: todo(
    'let mtls_endpoint_aliases be what the server says, and let no handle, respond or matcher stand before these paths',
  ),
  cross_origin_credentials: todo('take these lines out', 'header Access-Control-Allow-Credentials true'),
  server_certificate_incomplete: todo('let the file of tls have the intermediates behind the certificate'),
  misdirected_request_served: todo(
    'leave strict_sni_host as it is where client_auth is used',
    'servers { strict_sni_host on }',
  ),
}
