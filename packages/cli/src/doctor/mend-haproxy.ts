import { type Mends, todo } from './mend-text.ts'

/** What the doctor tells to do on HAProxy. */
export const mendHaproxy: Mends = {
  picker_on_main_host: todo(
    'take verify off the bind line, and put it into the line of the certificate host in the crt-list',
    'mtls.pem [verify optional ca-file @system-ca no-ca-names] mtls.login.example.com',
  ),
  picker_without_server_name: todo(
    'let the first line of the crt-list be that of the host for people: it is for clients without a name',
  ),
  certificate_not_asked: todo(
    'ask in the crt-list line of the certificate host',
    'mtls.pem [verify optional ca-file @system-ca no-ca-names] mtls.login.example.com',
  ),
  certificate_required: todo('ask without insisting', 'verify optional'),
  ca_enforced: todo(
    'ignore what the CA check says: it is the server that decides',
    'bind :443 ssl crt-list … crt-ignore-err all ca-ignore-err all',
  ),
  bad_certificate_alert: todo('let bad certificates through to the server', 'crt-ignore-err all ca-ignore-err all'),
  certificate_header_dropped: todo(
    'write the header after the lines that remove it, and on ssl_c_used: ssl_fc_has_crt is 0 on resumed sessions',
    'http-request set-header X-SSL-Client-Cert %[ssl_c_der,base64] if { ssl_c_used }',
  ),
  certificate_header_undecodable: todo(
    'write the format of the preset: plain base64 for haproxy, colons around it for haproxy-rfc9440',
    'http-request set-header X-SSL-Client-Cert %[ssl_c_der,base64] if { ssl_c_used }',
  ),
  plus_turned_to_blank: todo(
    'take url_dec out of the expression: it decodes + to a blank',
    'http-request set-header X-SSL-Client-Cert %[ssl_c_der,base64] if { ssl_c_used }',
  ),
  certificate_too_large: todo(
    'a value that does not fit into the buffer becomes empty without a word: make it larger',
    'tune.bufsize 65536',
    'tune.maxrewrite 40960',
  ),
  forged_header_on_main_host: todo(
    'remove what clients send before anything is set, in every spelling and for every host',
    'http-request del-header client-cert -m beg',
    'http-request del-header x-ssl- -m beg',
  ),
  forged_header_on_mtls_host: todo(
    'set-header with a condition leaves the header of the client alone where the condition fails: remove it first',
    'http-request del-header x-ssl- -m beg',
  ),
  forged_header_by_mixed_names: todo(
    'remove the headers in the frontend, not for one host',
    'http-request del-header x-ssl- -m beg',
  ),
  session_loses_certificate: todo(
    'give no sessions',
    'tune.ssl.cachesize 0',
    'ssl-default-bind-options no-tls-tickets',
  ),
  session_shared_between_hosts: todo(
    'give no sessions: HAProxy takes them back for every name of a bind line',
    'tune.ssl.cachesize 0',
    'ssl-default-bind-options no-tls-tickets',
  ),
  expired_certificate_resumed: todo(
    'give no sessions',
    'tune.ssl.cachesize 0',
    'ssl-default-bind-options no-tls-tickets',
  ),
  server_not_reached: todo(
    'let the server line lead where Holdfast listens; a chroot hides sockets outside it, and a check that fails takes the server out',
    'server holdfast unix@/run/holdfast/mtls.sock',
  ),
  host_not_served: todo(
    'choose the backend by the TLS name, and leave Host as the client wrote it',
    'use_backend holdfast_mtls if { ssl_fc_sni -i mtls.login.example.com }',
  ),
  redirected: todo('redirect what came without TLS alone', 'http-request redirect scheme https unless { ssl_fc }'),
  error_answers_replaced: todo(
    'take errorfile, errorfiles and http-error out of this backend, and http-response return',
  ),
  answer_from_cache: todo('take cache-use and cache-store out', 'http-request cache-use …'),
  large_header_refused: todo('make the buffer larger', 'tune.bufsize 65536', 'tune.maxrewrite 40960'),
  alias_answers_nothing: todo(
    'let mtls_endpoint_aliases be what the server says, and let no http-request deny stand before these paths and methods',
  ),
  early_data_accepted: todo('take allow-0rtt off the bind line and out of the crt-list'),
  cross_origin_credentials: todo(
    'take these lines out',
    'http-response set-header Access-Control-Allow-Origin …',
    'http-response set-header Access-Control-Allow-Credentials true',
  ),
  server_certificate_incomplete: todo(
    'let the file of the crt-list have certificate, intermediates and key, in this order',
    'cat mtls.crt intermediate.crt mtls.key > mtls.pem',
  ),
  misdirected_request_served: todo(
    'HAProxy does not compare the names: say it in both directions',
    'http-request return status 421 if { ssl_fc_sni -i mtls.login.example.com } !{ req.hdr(host),field(1,:),lower -m str mtls.login.example.com }',
    'http-request return status 421 if !{ ssl_fc_sni -i mtls.login.example.com } { req.hdr(host),field(1,:),lower -m str mtls.login.example.com }',
  ),
}
