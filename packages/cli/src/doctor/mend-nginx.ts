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
  certificate_not_asked: todo(
    'ask in the server block of the certificate host; that one must be met under this name and on each of its addresses',
    'ssl_verify_client optional_no_ca;',
    'server_name mtls.login.example.com;',
    'listen [::]:443 ssl http2;',
  ),
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
    'underscores_in_headers off;',
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
  metadata_unreachable: todo(
    'hand everything on: a location for /.well-known/, made for certificates of ACME perhaps, takes it away',
    'location /.well-known/acme-challenge/ { root /var/www; }',
    'location / { proxy_pass http://holdfast_main; }',
  ),
  server_not_reached: todo(
    'let proxy_pass lead where Holdfast listens; error.log says why nginx does not get there: path, permissions of the socket, or nobody',
    'server unix:/run/holdfast/mtls.sock;',
  ),
  host_not_served: todo(
    'hand the name on, which nginx does not by itself, and lead each host to the listener that serves it',
    'proxy_set_header Host $http_host;',
    'proxy_pass http://holdfast_main;',
  ),
  redirected: todo(
    'take return, rewrite or error_page out of this server block: a redirect to https belongs in the block of port 80',
    'location / { proxy_pass http://holdfast_mtls; }',
  ),
  error_answers_replaced: todo('do not catch the errors of the server', 'proxy_intercept_errors off;'),
  body_changed: todo('take proxy_set_body and proxy_pass_request_body out of the location'),
  answer_from_cache: todo(
    'cache nothing here; proxy_ignore_headers Cache-Control is what makes nginx keep what must not be kept',
    'proxy_cache off;',
  ),
  large_header_refused: todo(
    'allow larger headers; the default server of the port must allow them, too, as it reads the first lines',
    'large_client_header_buffers 4 32k;',
  ),
  chain_refused: todo('allow longer chains', 'ssl_verify_depth 10;'),
  alias_answers_nothing: todo(
    'let mtls_endpoint_aliases be what the server says, and let nothing stand between it and these paths: limit_except, deny, auth_basic and auth_request answer before it does',
  ),
  endpoint_answers_nothing: todo(
    'hand these paths on; a location of their own, or a copy of the metadata, leads elsewhere',
    'location / { proxy_pass http://holdfast_main; }',
  ),
  jwks_unreachable: todo(
    'hand jwks_uri on to the server, without a login before it',
    'location = /jwks { auth_request off; proxy_pass http://holdfast_main; }',
  ),
  early_data_accepted: todo('take no early data', 'ssl_early_data off;'),
  cross_origin_credentials: todo(
    'take these lines out of the block of this host, or of what it includes',
    'add_header Access-Control-Allow-Origin …;',
    'add_header Access-Control-Allow-Credentials true;',
  ),
  server_certificate_incomplete: todo(
    'let the file have the intermediates behind the certificate, then reload',
    'ssl_certificate /etc/ssl/fullchain.pem;',
  ),
  server_certificate_expired: todo(
    'renew it, with its intermediates, and reload: nginx reads the files at its start only',
    'nginx -s reload',
  ),
  server_certificate_of_another_name: todo(
    'name a certificate of this host in its own server block; a name that stands in no server_name gets that of the default server',
    'server_name mtls.login.example.com;',
    'ssl_certificate /etc/ssl/mtls.login.example.com.pem;',
  ),
  authorize_on_mtls_host: todo(
    'serve the back channel only on the certificate host',
    'location /authorize { return 404; }',
  ),
}
