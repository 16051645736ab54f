import type { Animal } from '../animal.ts'

const location = (path: string, ...lines: readonly string[]): string =>
  `location ${path} { ${lines.join(' ')} proxy_pass http://$UPSTREAM; }\n  location / {`
const mainLocation = (path: string, ...lines: readonly string[]): string =>
  location(path, ...lines).replace('$UPSTREAM', 'holdfast_main_1')
const mtlsLocation = (path: string, ...lines: readonly string[]): string =>
  location(path, ...lines).replace('$UPSTREAM', 'holdfast_mtls_1')
const hands = 'proxy_set_header Host $http_host;'

/** Names, addresses, paths and further proxies: what nginx does in one place and not in the other. */
export const nginxRoadFaults: readonly Animal[] = [
  {
    name: 'underscores_in_headers on, and one spelling cleared',
    base: 'nginx',
    changes: [{ from: 'underscores_in_headers off;', to: 'underscores_in_headers on;' }],
    causes: ['forged_header_on_main_host', 'forged_header_on_mtls_host'],
    says: /Client_Cert[^]*underscores_in_headers off/,
  },
  {
    name: 'the header is cleared under its name with underscores',
    base: 'nginx',
    changes: [{ site: 'main', from: 'proxy_set_header X-SSL-CERT "";', to: 'proxy_set_header x_ssl_cert "";' }],
    causes: ['forged_header_on_main_host'],
    says: /reached by X-SSL-CERT/,
  },
  {
    name: 'a location for the token endpoint alone loses the lines that clear',
    base: 'nginx',
    changes: [{ site: 'main', from: 'location / {', to: mainLocation('= /token', hands) }],
    causes: ['forged_header_on_main_host'],
    says: /login\.example\.com at \/token alone/,
  },
  {
    name: 'a location for the token endpoint alone loses the certificate',
    base: 'nginx',
    changes: [
      {
        site: 'mtls',
        from: 'location / {',
        to: mtlsLocation('/token', hands, 'proxy_set_header X-SSL-CERT "";', 'proxy_set_header X-SSL-VERIFY NONE;'),
      },
    ],
    causes: ['certificate_header_dropped', 'forged_header_on_mtls_host'],
    says: /at \/token, unlike elsewhere/,
  },
  {
    name: 'a map whose default is the header of the client',
    base: 'nginx',
    changes: [
      {
        from: /^(?=map )/m,
        to: 'map $$ssl_client_verify $$certificate { default $$ssl_client_escaped_cert; NONE $$http_x_ssl_cert; }\n',
      },
      { site: 'mtls', from: '$ssl_client_escaped_cert', to: '$certificate' },
      { site: 'mtls', from: '$ssl_client_verify;', to: '$http_x_ssl_verify;' },
    ],
    causes: ['certificate_header_undecodable', 'forged_header_on_mtls_host'],
  },
  {
    name: 'a wildcard of the host for people takes the name of the certificate host, which is a regular expression',
    base: 'nginx',
    changes: [
      { site: 'mtls', from: 'server_name mtls.login.example.com;', to: 'server_name ~^mtls\\.;' },
      {
        site: 'main',
        from: 'server_name login.example.com;',
        to: 'server_name login.example.com *.login.example.com;',
      },
    ],
    causes: ['certificate_not_asked', 'host_not_served'],
    says: /server_name mtls\.login\.example\.com;/,
  },
  {
    name: 'an IPv6 listener in the block for people alone',
    base: 'nginx',
    changes: [
      {
        site: 'main',
        from: 'listen 127.0.0.1:443 ssl http2 default_server;',
        to: 'listen 127.0.0.1:443 ssl http2 default_server; listen [::1]:443 ssl http2;',
      },
    ],
    args: ({ port }) =>
      ['login.example.com', 'mtls.login.example.com'].flatMap((name) => [
        ...['--connect', `${name}:443:127.0.0.1:${port}`, '--connect', `${name}:443:[::1]:${port}`],
      ]),
    causes: ['certificate_not_asked'],
    says: /at \[::1\]:\d+, although it does at its other address[^]*listen \[::\]:443/,
  },
  {
    name: 'the certificate host leads to the socket for people',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'http://holdfast_mtls_1', to: 'http://holdfast_main_1' }],
    causes: ['host_not_served'],
    says: /on the listener \d+:\S*main\.sock the server refuses it \(host_misdirected\)/,
  },
  {
    name: 'Host is not handed on',
    base: 'nginx',
    changes: [{ site: 'mtls', from: 'proxy_set_header Host $http_host;', to: '' }],
    causes: ['host_not_served'],
    says: /proxy_set_header Host \$http_host/,
  },
  {
    name: 'the host for people leads to the socket of the certificate host: there are no metadata',
    base: 'nginx',
    changes: [{ site: 'main', from: 'http://holdfast_main_1', to: 'http://holdfast_mtls_1' }],
    causes: ['host_not_served'],
    says: /login\.example\.com\/\.well-known\/… meets status 421/,
  },
  {
    name: 'nobody behind the certificate host',
    base: 'nginx',
    changes: [{ from: 'run/nginx.sock', to: 'run/nobody.sock' }],
    causes: ['server_not_reached'],
    says: /each request to mtls\.login\.example\.com meets status 502/,
  },
  {
    name: 'nobody behind the host for people',
    base: 'nginx',
    changes: [{ from: 'run/main.sock', to: 'run/nobody.sock' }],
    causes: ['server_not_reached'],
    says: /error\.log/,
  },
  {
    name: 'a second nginx behind the first writes the certificate of its own clients, who have none',
    base: 'nginx',
    changes: [
      {
        from: /^(?=map )/m,
        to: 'server { listen 127.0.0.1:$PLAIN; location / { proxy_pass http://unix:$FOLDER/run/nginx.sock:; proxy_http_version 1.1; proxy_set_header Host $$http_host; proxy_set_header X-SSL-CERT $$ssl_client_escaped_cert; } }\n',
      },
      { site: 'mtls', from: 'http://holdfast_mtls_1', to: 'http://127.0.0.1:$PLAIN' },
    ],
    causes: ['certificate_header_dropped'],
  },
  {
    name: 'tickets off, and a cache that both blocks share',
    base: 'nginx',
    changes: [{ from: 'ssl_session_cache off;', to: 'ssl_session_cache shared:all:1m;' }],
    causes: ['expired_certificate_resumed', 'session_shared_between_hosts'],
    says: /ssl_session_cache off/,
  },
  {
    name: 'early data on the host for people',
    base: 'nginx',
    changes: [
      { site: 'main', from: 'ssl_session_tickets off;', to: 'ssl_session_tickets on; ssl_early_data on;' },
      { site: 'mtls', from: 'listen 127.0.0.1:443 ssl http2;', to: 'listen 127.0.0.1:$PLAIN ssl http2;' },
    ],
    args: ({ plain }) => ['--connect', `mtls.login.example.com:443:127.0.0.1:${plain}`],
    causes: ['early_data_accepted'],
    says: /ssl_early_data off/,
  },
]
