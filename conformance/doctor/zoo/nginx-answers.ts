import type { Animal } from '../animal.ts'

const metadata = (more: string): string =>
  `location /.well-known/ { default_type application/json; return 200 '{"issuer":"https://login.example.com","token_endpoint":"https://login.example.com/token",${more}}'; }\n  location / {`
const aliases = '"mtls_endpoint_aliases":{"token_endpoint":"https://mtls.login.example.com/token"}'
const certificate = /ssl_certificate \S+server\.pem;/

/** Bodies, answers, limits and certificates: what nginx does to requests that it does hand on. */
export const nginxAnswerFaults: readonly Animal[] = [
  {
    name: 'long headers are cut off',
    base: 'nginx',
    changes: [
      {
        from: 'large_client_header_buffers 4 32k;',
        to: 'client_header_buffer_size 1k; large_client_header_buffers 4 4k;',
      },
    ],
    causes: ['large_header_refused'],
    says: /large_client_header_buffers 4 32k/,
  },
  {
    name: 'chains are too long for ssl_verify_depth 0',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'ssl_verify_client optional_no_ca;',
        to: 'ssl_verify_client optional_no_ca; ssl_verify_depth 0; ssl_trusted_certificate $FOLDER/ca.pem;',
      },
      { site: 'mtls', from: 'error_page 495 = @holdfast;', to: '' },
    ],
    causes: ['bad_certificate_html'],
  },
  {
    name: 'the error pages of the house replace the errors of the server',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'location / {',
        to: "error_page 400 401 /sorry.html; location = /sorry.html { default_type text/html; return 200 '<html>Sorry</html>'; }\n  location / { proxy_intercept_errors on;",
      },
    ],
    causes: ['error_answers_replaced'],
    says: /proxy_intercept_errors off/,
  },
  {
    name: 'the body is written anew',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'location / {', to: 'location / { proxy_set_body "$request_body&via=nginx";' }],
    causes: ['body_changed'],
    says: /proxy_set_body/,
  },
  {
    name: 'only GET is let through',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'location / {', to: 'location / { limit_except GET { deny all; }' }],
    causes: ['alias_answers_nothing'],
    says: /limit_except/,
  },
  {
    name: 'answers are cached against the word of the server',
    base: 'nginx',
    changes: [
      { from: /^(?=map )/m, to: 'proxy_cache_path $FOLDER/cache keys_zone=all:1m;\n' },
      {
        site: 'mtls',
        from: 'location / {',
        to: 'location / { proxy_cache all; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control Expires Vary;',
      },
    ],
    causes: ['answer_from_cache'],
    says: /proxy_ignore_headers/,
  },
  {
    name: 'the certificate host redirects to the host for people',
    base: 'nginx',
    changes: [
      { site: 'mtls', from: 'location / {', to: 'location / { return 301 https://login.example.com$request_uri;' },
    ],
    causes: ['redirected'],
    says: /status 301 with an HTML page to https:\/\/login\.example\.com/,
  },
  {
    name: 'a redirect to https that comes round to itself',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: 'location / { return 301 https://$host$request_uri;' }],
    causes: ['redirected'],
    says: /block of port 80/,
  },
  {
    name: 'a location for ACME takes the metadata',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: 'location /.well-known/ { root $FOLDER; }\n  location / {' }],
    causes: ['metadata_unreachable'],
    says: /acme-challenge/,
  },
  {
    name: 'a login page in place of the keys',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'location / {',
        to: 'location = /jwks { auth_basic API; auth_basic_user_file $FOLDER/doctor-token; proxy_pass http://holdfast_main_1; }\n  location / {',
      },
    ],
    causes: ['error_answers_replaced', 'jwks_unreachable'],
    says: /jwks_uri https:\/\/login\.example\.com\/jwks meets status 401/,
  },
  {
    name: 'an old copy of the metadata: no alias for introspection, and revocation under its old name',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'location / {',
        to: metadata(
          `${aliases},"introspection_endpoint":"https://login.example.com/introspect","revocation_endpoint":"https://login.example.com/old/revoke"`,
        ),
      },
    ],
    causes: ['aliases_missing', 'endpoint_answers_nothing'],
    says: /has no introspection_endpoint, revocation_endpoint/,
  },
  {
    name: 'pages of every site may ask with credentials',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'location / {',
        to: 'location / { add_header Access-Control-Allow-Origin $http_origin always; add_header Access-Control-Allow-Credentials true always;',
      },
    ],
    causes: ['cross_origin_credentials'],
    says: /Access-Control-Allow-Credentials/,
  },
  {
    name: 'the certificate of the certificate host has ended',
    base: 'nginx',
    changes: [{ site: 'mtls', from: certificate, to: 'ssl_certificate $FOLDER/ended.pem;' }],
    causes: ['server_certificate_expired'],
    says: /mtls\.login\.example\.com shows a certificate that has ended since \d{4}/,
  },
  {
    name: 'the certificate of the host for people has ended',
    base: 'nginx',
    changes: [{ site: 'main', from: certificate, to: 'ssl_certificate $FOLDER/ended.pem;' }],
    causes: ['server_certificate_expired'],
    says: /login\.example\.com shows a certificate that has ended/,
  },
  {
    name: 'the intermediate CA above the certificate has ended',
    base: 'nginx',
    changes: [{ site: 'mtls', from: certificate, to: 'ssl_certificate $FOLDER/ca-ended.pem;' }],
    causes: ['server_certificate_expired'],
    says: /that of the CA Stale Issuing above it/,
  },
  {
    name: 'the intermediate CA is not sent',
    base: 'nginx',
    changes: [{ site: 'mtls', from: certificate, to: 'ssl_certificate $FOLDER/leaf-alone.pem;' }],
    causes: ['server_certificate_incomplete'],
    says: /fullchain\.pem/,
  },
  {
    name: 'the certificate of the other host',
    base: 'nginx',
    changes: [{ site: 'mtls', from: certificate, to: 'ssl_certificate $FOLDER/main-alone.pem;' }],
    causes: ['server_certificate_of_another_name'],
    says: /a certificate for login\.example\.com/,
  },
]
