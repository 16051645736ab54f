import { type Mends, todo } from './mend-text.ts'

/** What the doctor tells to do on nginx. */
export const mendNginx: Mends = {
  picker_on_main_host: todo(
    'take ssl_verify_client out of the server block of this host, or move it from the http block into that of the certificate host',
    'ssl_verify_client off;',
  ),
  picker_without_server_name: todo(
    'make the host for people the default server of its port: nginx takes the first block otherwise',
    'listen 443 ssl http2 default_server;',
  ),
  certificate_not_asked: todo('ask in the server block of the certificate host', 'ssl_verify_client optional_no_ca;'),
  certificate_required: todo('let clients without a certificate through', 'ssl_verify_client optional_no_ca;'),
  ca_enforced: todo(
    'take every certificate, and let the server decide; ssl_client_certificate is not needed then',
    'ssl_verify_client optional_no_ca;',
  ),
  bad_certificate_html: todo(
    'hand these requests on like all others: nginx answers by itself only while error 495 has no page',
    'error_page 495 = @holdfast;',
    'location @holdfast { proxy_pass http://holdfast_mtls; }',
  ),
  certificate_header_dropped: todo(
    'write the header in the block of the certificate host; a location with a proxy_set_header of its own inherits none from outside',
    'proxy_set_header X-SSL-CERT $ssl_client_escaped_cert;',
  ),
  certificate_header_undecodable: todo(
    'write the format that the preset nginx reads',
    'proxy_set_header X-SSL-CERT $ssl_client_escaped_cert;',
  ),
  pem_flattened: todo('use the escaped variable', 'proxy_set_header X-SSL-CERT $ssl_client_escaped_cert;'),
  line_breaks_in_header: todo(
    '$ssl_client_cert is deprecated and has line breaks in it: use the escaped variable',
    'proxy_set_header X-SSL-CERT $ssl_client_escaped_cert;',
  ),
  certificate_too_large: todo('allow larger headers', 'large_client_header_buffers 4 32k;'),
  large_body_refused: todo('allow what Holdfast takes', 'client_max_body_size 65536;'),
  forged_header_on_main_host: todo(
    'empty every certificate header in this server block too, as `holdfast proxy-config nginx` does',
    'proxy_set_header X-SSL-CERT "";',
    'proxy_set_header Client-Cert "";',
  ),
  forged_header_on_mtls_host: todo(
    'empty every other certificate header here, and keep underscores out',
    'proxy_set_header Client-Cert "";',
    'underscores_in_headers off;',
  ),
  forged_header_by_mixed_names: todo(
    'empty every certificate header in the block of each host',
    'proxy_set_header X-SSL-CERT "";',
  ),
  session_loses_certificate: todo(
    'give the certificate host no sessions',
    'ssl_session_tickets off;',
    'ssl_session_cache off;',
  ),
  session_shared_between_hosts: todo(
    'give both hosts no sessions: nginx keeps one set of ticket keys for a port',
    'ssl_session_tickets off;',
    'ssl_session_cache off;',
  ),
  expired_certificate_resumed: todo(
    'give the certificate host no sessions',
    'ssl_session_tickets off;',
    'ssl_session_cache off;',
  ),
  misdirected_request_served: todo(
    'nginx compares names only where it verifies; on the host for people say it yourself',
    'if ($ssl_server_name != $host) { return 421; }',
  ),
  authorize_on_mtls_host: todo(
    'serve the back channel only on the certificate host',
    'location /authorize { return 404; }',
  ),
}
