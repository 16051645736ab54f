import { type Mends, todo, unavoidable } from './mend-text.ts'

/** What the doctor tells to do on Apache httpd. */
export const mendApache: Mends = {
  picker_on_main_host: todo(
    'take SSLVerifyClient out of this virtual host and out of the server configuration',
    'SSLVerifyClient none',
  ),
  picker_without_server_name: todo('let the virtual host for people be the first of its port'),
  certificate_not_asked: todo('ask in the virtual host of the certificate host', 'SSLVerifyClient optional_no_ca'),
  certificate_asked_by_path: todo(
    'take SSLVerifyClient out of <Location>, and give certificates a virtual host of their own',
    'SSLVerifyClient optional_no_ca',
  ),
  certificate_required: todo('ask without insisting', 'SSLVerifyClient optional_no_ca'),
  ca_enforced: todo('take every certificate, and let the server decide', 'SSLVerifyClient optional_no_ca'),
  bad_certificate_alert: unavoidable(
    'Apache ends the handshake itself on expired certificates, whatever is configured',
  ),
  certificate_header_dropped: todo(
    'write the header after the lines that unset it, with s for a variable of TLS: the form with e is empty without SSLOptions +ExportCertData',
    'RequestHeader set X-SSL-CERT "%{SSL_CLIENT_CERT}s"',
  ),
  certificate_header_undecodable: todo(
    'name the preset of what Apache writes: from: apache for PEM on one line, apache-rfc9440 for the edited form',
  ),
  pem_flattened: todo(
    'Apache writes PEM on one line: tell the server so in holdfast.yaml',
    'client-certificate: { from: apache }',
  ),
  certificate_too_large: todo('allow larger headers', 'LimitRequestFieldSize 32768'),
  large_body_refused: todo('allow what Holdfast takes', 'LimitRequestBody 65536'),
  forged_header_on_main_host: todo(
    'unset every certificate header in this virtual host too, with - and with _',
    'RequestHeader unset X-SSL-CERT',
    'RequestHeader unset X_SSL_CERT',
  ),
  forged_header_on_mtls_host: todo(
    'unset every other certificate header here too, with - and with _',
    'RequestHeader unset Client-Cert',
    'RequestHeader unset Client_Cert',
  ),
  forged_header_by_mixed_names: todo('unset the headers in every virtual host', 'RequestHeader unset X-SSL-CERT'),
  header_removed_by_connection: todo(
    'Apache removes what Connection names after it has set its own headers: cut Connection down first',
    'RequestHeader set Connection close "expr=%{HTTP:Connection} =~ /\\\\bclose\\\\b/i"',
    'RequestHeader unset Connection "expr=%{HTTP:Connection} != \'close\'"',
  ),
  session_loses_certificate: todo('give no sessions', 'SSLSessionTickets off', 'SSLSessionCache none'),
  session_shared_between_hosts: todo('give no sessions', 'SSLSessionTickets off', 'SSLSessionCache none'),
  expired_certificate_resumed: todo('give no sessions', 'SSLSessionTickets off', 'SSLSessionCache none'),
  server_not_reached: todo(
    'let ProxyPass lead where Holdfast listens, with permissions for www-data; error.log says why Apache does not get there',
    'ProxyPass / "unix:/run/holdfast/mtls.sock|http://holdfast-mtls/"',
  ),
  host_not_served: todo(
    'hand the name on, which Apache does not by itself, and lead each virtual host to the listener that serves it',
    'ProxyPreserveHost on',
  ),
  redirected: todo('keep Redirect and RewriteRule in the virtual host of port 80', 'RewriteCond %{HTTPS} !=on'),
  error_answers_replaced: todo('do not replace the errors of the server', 'ProxyErrorOverride off'),
  body_changed: todo('take SetInputFilter and InputSed off the requests of these hosts'),
  answer_from_cache: todo('cache nothing here', 'CacheDisable /'),
  large_header_refused: todo('allow larger headers', 'LimitRequestFieldSize 32768', 'LimitRequestLine 32768'),
  chain_refused: todo('allow longer chains', 'SSLVerifyDepth 10'),
  alias_answers_nothing: todo(
    'let mtls_endpoint_aliases be what the server says, and let no Require, Limit or AuthType stand before these paths',
  ),
  cross_origin_credentials: todo(
    'take these lines out',
    'Header set Access-Control-Allow-Origin …',
    'Header set Access-Control-Allow-Credentials true',
  ),
  server_certificate_incomplete: todo(
    'let the file have the intermediates behind the certificate',
    'SSLCertificateFile /etc/ssl/fullchain.pem',
  ),
  misdirected_request_served: todo('do not weaken the comparison of names', 'SSLVHostSNIPolicy strict'),
}
