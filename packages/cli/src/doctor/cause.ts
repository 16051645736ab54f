/** Every cause that the doctor can name, and why it matters. */
export const whyItMatters = {
  picker_on_main_host:
    'browsers ask their users for a certificate on a page that needs none; with some certificate stores the page hangs',
  picker_without_server_name: 'clients that send no server name, or an unknown one, are asked for a certificate',
  certificate_not_asked: 'no client can prove itself: a certificate that is not asked for is never sent',
  certificate_asked_by_path:
    'a certificate that is asked for after the handshake works neither in HTTP/2, nor in browsers, nor in most clients',
  aliases_missing: 'clients do not learn where certificates are taken, and send their requests where they are not',
  certificate_required:
    'clients with other methods are cut off in TLS, and whoever forgot his certificate gets no reason he can read',
  ca_enforced:
    'the terminator decides by its own CA before the server is asked: self-signed certificates cannot be used at all',
  bad_certificate_html:
    'a client whose certificate has ended gets an HTML page in place of a JSON error it could act upon',
  bad_certificate_alert:
    'a client whose certificate has ended sees a TLS alert, and nothing arrives in the log of the server',
  certificate_header_dropped: 'the certificate ends at the terminator: the server sees a client without one',
  certificate_header_undecodable:
    'the terminator and the server do not speak of the same format: every certificate is refused',
  plus_turned_to_blank: 'most certificates have a + in their base64: they cannot be decoded once it is a blank',
  pem_flattened: 'the server expects another format than PEM on one line, and refuses every certificate',
  line_breaks_in_header:
    'a header value with line breaks is not HTTP: each request with a certificate fails, those without work',
  thumbprint_differs:
    'the server sees another certificate than the one that was shown: tokens would be bound to the wrong one',
  certificate_too_large: 'clients with large certificates or long names cannot get in, and none of them learns why',
  large_body_refused: 'requests with long assertions or many parameters are cut off before the server sees them',
  chain_not_forwarded: 'a certificate below an intermediate CA is trusted only where that CA is known otherwise',
  forged_header_on_main_host:
    'a certificate header counts like the certificate: whoever sends one through this host speaks for its owner',
  forged_header_on_mtls_host:
    'a certificate header counts like the certificate: whoever sends one without a certificate of his own speaks for its owner',
  forged_header_by_mixed_names: 'one host in TLS and the other in Host go around the rule that removes forged headers',
  header_removed_by_connection:
    'a client can make the header vanish that the terminator wrote, by naming it in Connection',
  session_loses_certificate: 'on a resumed session the certificate is gone: the same client is refused now and then',
  session_shared_between_hosts:
    'a session of one host is taken back by the other: no certificate is asked for, or the handshake fails',
  misdirected_request_served:
    'browsers reuse a connection for another name of its certificate: without 421 they stay on the wrong host',
  expired_certificate_resumed:
    'the terminator takes a session back after the certificate in it has ended, as if it were good',
  plain_http_served: 'tokens and secrets can be sent in the clear, and whoever is on the way reads them',
  backend_believes_headers: 'whoever reaches the server behind the terminator can speak for everybody',
  issuer_differs: 'clients compare the issuer and refuse what does not fit (RFC 8414 §3.3)',
  alias_not_https: 'an alias must be an https URL, or no certificate can be shown there',
  alias_unreachable: 'clients with a certificate follow the alias, and arrive nowhere',
  alias_answers_nothing: 'clients with a certificate follow the alias, and find nothing at its path',
  alias_of_another_issuer: 'clients with a certificate are sent to another server, which does not know them',
  authorize_on_mtls_host: 'people who log in there are asked for a certificate by their browser',
  page_references_mtls_host: 'the browser of everybody who opens the page is asked for a certificate',
  metadata_unreachable: 'without the metadata no client finds anything of this server',
  server_not_reached: 'the terminator answers by itself, because it reaches no server behind: nobody is served',
  host_not_served: 'the server refuses what comes in for a name that it does not serve there',
  redirected: 'clients follow no redirect with a form and a certificate, or come round to where they were',
  error_answers_replaced: 'clients act upon the error that the server names in JSON, and its page says nothing to them',
  body_changed: 'what was signed, or counted, is no longer what arrives',
  answer_from_cache: 'what was meant for one client is told to another, and what has ended goes on',
  large_header_refused: 'requests with long tokens or many cookies are cut off before the server sees them',
  chain_refused: 'clients that send their intermediate CAs along, as TLS asks them to, cannot get in',
  jwks_unreachable: 'nobody can check the tokens of this server: each of them is refused everywhere',
  endpoint_answers_nothing: 'clients without a certificate follow the metadata, and find nothing there',
  early_data_accepted:
    'what comes in early data can be sent again by whoever recorded it (RFC 8446 §8), and in it no certificate is proven afresh',
  cross_origin_credentials:
    'a page of any site can send requests with the certificate of whoever opens it, and read the answers',
  server_certificate_expired: 'no careful client connects any more',
  server_certificate_incomplete:
    'clients that do not know the intermediate CA by chance refuse the connection: browsers may work, and programs fail',
  server_certificate_of_another_name: 'no careful client connects: this certificate belongs to somebody else',
  clock_differs: 'certificates and assertions are refused before they begin, or taken after their end',
  token_refused: 'the test client gets no token, so that nothing can be said about tokens',
  token_not_bound: 'the token works for whoever steals it',
  api_refuses_owner: 'the rightful owner of the token is refused',
  api_ignores_binding: 'the API takes a stolen token: it does not compare the certificate with the token',
} as const

export type Cause = keyof typeof whyItMatters
