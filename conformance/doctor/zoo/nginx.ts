import type { Animal } from '../animal.ts'

const metadata = (more: string): string =>
  `location /.well-known/ { default_type application/json; return 200 '{"issuer":"https://login.example.com","token_endpoint":"https://login.example.com/token",${more}}'; }\n  location / {`
const aliases = (base: string): string => `"mtls_endpoint_aliases":{"token_endpoint":"${base}/token"}`
const rightAliases = aliases('https://mtls.login.example.com')

/** What people get wrong with nginx. */
export const nginxFaults: readonly Animal[] = [
  {
    name: 'ssl_verify_client in the block for people: the picker',
    base: 'nginx',
    changes: [
      { site: 'main', from: 'ssl_session_cache off;', to: 'ssl_session_cache off; ssl_verify_client optional_no_ca;' },
    ],
    causes: ['picker_on_main_host'],
    says: /ssl_verify_client/,
  },
  {
    name: 'the certificate host is the default server',
    base: 'nginx',
    changes: [
      { site: 'main', from: ' default_server;', to: ';' },
      { site: 'mtls', from: 'ssl http2;', to: 'ssl http2 default_server;' },
    ],
    causes: ['picker_without_server_name'],
  },
  {
    name: 'the block for people does not clear the header',
    base: 'nginx',
    changes: [{ site: 'main', from: 'proxy_set_header X-SSL-CERT "";', to: '' }],
    causes: ['forged_header_on_main_host'],
    says: /X-SSL-CERT/,
  },
  {
    name: 'a location with its own proxy_set_header loses the lines outside',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'location / {',
        to: 'location / { proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;',
      },
    ],
    causes: ['forged_header_on_main_host'],
  },
  {
    name: 'the certificate host lets a header of another terminator through',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'proxy_set_header Client-Cert "";', to: '' }],
    causes: ['forged_header_on_mtls_host'],
    says: /Client-Cert/,
  },
  {
    name: 'the certificate header is not written',
    base: 'nginx',
    changes: [{ site: 'mtls', from: '$ssl_client_escaped_cert', to: '""' }],
    causes: ['certificate_header_dropped'],
  },
  {
    name: 'the deprecated variable with its line breaks',
    base: 'nginx',
    changes: [{ site: 'mtls', from: '$ssl_client_escaped_cert', to: '$ssl_client_cert' }],
    causes: ['line_breaks_in_header'],
    says: /\$ssl_client_cert is deprecated/,
  },
  {
    name: 'certificates are required',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'ssl_verify_client optional_no_ca;',
        to: 'ssl_verify_client on; ssl_client_certificate $FOLDER/ca.pem;',
      },
    ],
    causes: ['certificate_required'],
  },
  {
    name: 'a CA is enforced',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'ssl_verify_client optional_no_ca;',
        to: 'ssl_verify_client optional; ssl_client_certificate $FOLDER/ca.pem;',
      },
      { site: 'mtls', from: 'error_page 495 = @holdfast;', to: '' },
    ],
    causes: ['ca_enforced'],
  },
  {
    name: 'bad certificates meet an HTML page',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'error_page 495 = @holdfast;', to: '' }],
    causes: ['bad_certificate_html'],
    says: /error_page 495/,
  },
  {
    name: 'forms are cut off at 1 KB',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'client_max_body_size 65536;', to: 'client_max_body_size 1k;' }],
    causes: ['large_body_refused'],
    says: /client_max_body_size/,
  },
  {
    name: 'tickets are shared, and outlive certificates',
    base: 'nginx',
    changes: [{ from: 'ssl_session_tickets off;', to: 'ssl_session_tickets on;' }],
    causes: ['expired_certificate_resumed', 'session_shared_between_hosts'],
    says: /ssl_session_tickets off/,
  },
  {
    name: 'an address of its own for the certificate host, whose tickets outlive certificates',
    base: 'nginx',
    changes: [
      { site: 'mtls', from: 'listen 127.0.0.1:443 ssl http2;', to: 'listen 127.0.0.1:$PLAIN ssl http2;' },
      { site: 'mtls', from: 'ssl_session_tickets off;', to: 'ssl_session_tickets on;' },
    ],
    args: ({ plain }) => ['--connect', `mtls.login.example.com:443:127.0.0.1:${plain}`],
    causes: ['expired_certificate_resumed'],
  },
  {
    name: 'no 421 on the host for people',
    base: 'nginx',
    changes: [{ site: 'main', from: /if \(\$holdfast_asks_\d+ = 1\) \{\s+return 421;\s+\}/, to: '' }],
    causes: ['misdirected_request_served'],
  },
  {
    name: 'an old copy of the metadata, with an alias that leads nowhere',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: metadata(aliases('https://mtls.login.example.com/oauth2')) }],
    causes: ['alias_answers_nothing'],
  },
  {
    name: 'metadata of another issuer name',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'location / {',
        to: metadata(rightAliases).replace('"issuer":"https://login', '"issuer":"https://old'),
      },
    ],
    causes: ['issuer_differs'],
  },
  {
    name: 'an alias without https',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: metadata(aliases('http://mtls.login.example.com')) }],
    causes: ['alias_not_https'],
  },
  {
    name: 'metadata without aliases',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: metadata('"grant_types_supported":[]') }],
    causes: ['aliases_missing'],
  },
  {
    name: 'the alias leads to a port where nobody is',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: metadata(aliases('https://mtls.login.example.com:9')) }],
    args: () => ['--connect', 'mtls.login.example.com:9:127.0.0.1:9'],
    causes: ['alias_unreachable'],
  },
  {
    name: 'the alias belongs to another issuer',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'location / {',
        to: `location /.well-known/ { default_type application/json; return 200 '{"issuer":"https://other.example.net"}'; }\n  location / {`,
      },
    ],
    causes: ['alias_of_another_issuer'],
  },
  {
    name: 'the certificate host leads to another server',
    base: 'nginx',
    changes: [{ from: 'run/nginx.sock', to: 'run/stranger-nginx.sock' }],
    causes: ['alias_of_another_issuer'],
    says: /https:\/\/other\.example\.net/,
  },
  {
    name: 'people may log in on the certificate host',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'location / {',
        to: `location /authorize { default_type text/html; return 200 '<html>Log in</html>'; }\n  location / {`,
      },
    ],
    causes: ['authorize_on_mtls_host'],
  },
  {
    name: 'authorization_endpoint is announced on the certificate host',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'location / {',
        to: metadata(`${rightAliases},"authorization_endpoint":"https://mtls.login.example.com/authorize"`),
      },
    ],
    causes: ['authorize_on_mtls_host'],
  },
  {
    name: 'the login page refers to the certificate host',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'location / {',
        to: `location = /login { default_type text/html; return 200 '<html><img src="https://mtls.login.example.com/pixel"></html>'; }\n  location / {`,
      },
    ],
    causes: ['page_references_mtls_host'],
  },
  {
    name: 'plain HTTP is served on the certificate host',
    base: 'nginx',
    changes: [
      {
        from: /^(?=map )/m,
        to: 'server { listen 127.0.0.1:$PLAIN; server_name mtls.login.example.com; location / { proxy_pass http://unix:$FOLDER/run/nginx.sock:; proxy_set_header Host $host; proxy_set_header X-SSL-VERIFY NONE; } }\n',
      },
    ],
    args: ({ plain }) => ['--plain-http', `127.0.0.1:${plain}`],
    causes: ['plain_http_served'],
  },
  {
    name: 'a server behind that believes whoever reaches it',
    base: 'nginx',
    args: ({ trusting }) => ['--backend', `127.0.0.1:${trusting}`],
    causes: ['backend_believes_headers'],
  },
]
