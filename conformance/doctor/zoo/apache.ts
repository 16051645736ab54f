import type { Animal, Change } from '../animal.ts'

const belowPath: Change = {
  site: 'main',
  from: 'ProxyRequests off',
  to: `<Location /mtls>
    SSLVerifyClient optional_no_ca
  </Location>
  Alias /.well-known/oauth-authorization-server $FOLDER/path-style.json
  <Location /.well-known>
    Require all granted
  </Location>
  ProxyPass /.well-known/oauth-authorization-server !
  ProxyPass /mtls/ "unix:$FOLDER/run/main.sock|http://holdfast-main-1/"
  ProxyRequests off`,
}

/** What people get wrong with Apache httpd. */
export const apacheFaults: readonly Animal[] = [
  {
    name: 'PEM on one line for a server that expects another format',
    base: 'apache',
    changes: [{ site: 'mtls', from: 'run/apache.sock', to: 'run/nginx.sock' }],
    causes: ['pem_flattened'],
    says: /from: apache/,
  },
  {
    name: 'Connection: removes what was written',
    base: 'apache',
    changes: [{ site: 'mtls', from: /^ *RequestHeader (set|unset) Connection .*$/gm, to: '' }],
    causes: ['header_removed_by_connection'],
  },
  {
    name: 'the variable of the environment, and nothing that puts it there',
    base: 'apache',
    changes: [
      { site: 'mtls', from: 'SSLOptions +ExportCertData', to: '' },
      { site: 'mtls', from: '{SSL_CLIENT_CERT}s', to: '{SSL_CLIENT_CERT}e' },
    ],
    causes: ['certificate_header_dropped'],
    says: /ExportCertData/,
  },
  {
    name: 'certificates are required',
    base: 'apache',
    changes: [
      {
        site: 'mtls',
        from: 'SSLVerifyClient optional_no_ca',
        to: 'SSLVerifyClient require\n  SSLCACertificateFile $FOLDER/ca.pem',
      },
    ],
    causes: ['ca_enforced', 'certificate_required'],
  },
  {
    name: 'the virtual host for people unsets one spelling only',
    base: 'apache',
    changes: [{ site: 'main', from: 'RequestHeader unset X_SSL_CERT', to: '' }],
    causes: ['forged_header_on_main_host'],
    says: /X_SSL_CERT/,
  },
  {
    name: 'the certificate of the server instead of that of the client',
    base: 'apache',
    changes: [
      { site: 'mtls', from: '{SSL_CLIENT_CERT}s', to: '{SSL_SERVER_CERT}s' },
      { site: 'mtls', from: /^ *RequestHeader unset X-SSL-CERT "expr=.*$/m, to: '' },
    ],
    causes: ['thumbprint_differs'],
  },
  {
    name: 'certificates below a path, by TLS 1.2 renegotiation',
    base: 'apache',
    changes: [belowPath],
    causes: ['certificate_asked_by_path'],
    says: /renegotiation/,
  },
  {
    name: 'certificates below a path, after the handshake of TLS 1.3',
    base: 'apache',
    changes: [belowPath, { from: /^ *SSLProtocol .*$/gm, to: 'SSLProtocol TLSv1.3' }],
    causes: ['certificate_asked_by_path'],
    says: /after the handshake/,
  },
  {
    name: 'setifempty, which leaves the header of the client alone',
    base: 'apache',
    changes: [
      { site: 'mtls', from: 'RequestHeader unset X-SSL-CERT\n', to: '' },
      { site: 'mtls', from: 'RequestHeader set X-SSL-CERT', to: 'RequestHeader setifempty X-SSL-CERT' },
    ],
    causes: ['forged_header_on_mtls_host'],
    says: /X-SSL-CERT/,
  },
  {
    name: 'append, which joins both',
    base: 'apache',
    changes: [
      { site: 'mtls', from: 'RequestHeader unset X-SSL-CERT\n', to: '' },
      { site: 'mtls', from: 'RequestHeader set X-SSL-CERT', to: 'RequestHeader append X-SSL-CERT' },
    ],
    causes: ['forged_header_on_mtls_host'],
  },
  {
    name: 'ProxyPreserveHost off',
    base: 'apache',
    changes: [{ site: 'mtls', from: 'ProxyPreserveHost on', to: 'ProxyPreserveHost off' }],
    causes: ['host_not_served'],
    says: /ProxyPreserveHost on/,
  },
  {
    name: 'ProxyErrorOverride on',
    base: 'apache',
    changes: [{ site: 'mtls', from: 'ProxyRequests off', to: 'ProxyRequests off\n  ProxyErrorOverride on' }],
    causes: ['error_answers_replaced'],
    says: /ProxyErrorOverride off/,
  },
  {
    name: 'the comparison of names is weakened',
    base: 'apache',
    changes: [{ from: 'SSLSessionCache none', to: 'SSLSessionCache none\nSSLVHostSNIPolicy insecure' }],
    causes: ['misdirected_request_served'],
    says: /SSLVHostSNIPolicy strict/,
  },
  {
    name: 'tickets that outlive certificates',
    base: 'apache',
    changes: [{ from: 'SSLSessionTickets off', to: 'SSLSessionTickets on' }],
    causes: ['expired_certificate_resumed'],
    says: /SSLSessionTickets off/,
  },
  {
    name: 'lines of 4 KB',
    base: 'apache',
    changes: [{ from: 'LimitRequestFieldSize 32768', to: 'LimitRequestFieldSize 4096' }],
    causes: ['large_header_refused'],
    says: /LimitRequestFieldSize 32768/,
  },
  {
    name: 'the virtual host of the certificate host comes first',
    base: 'apache',
    changes: [{ from: /^(<VirtualHost[^]*?<\/VirtualHost>)\n\n(<VirtualHost[^]*<\/VirtualHost>)$/m, to: '$2\n\n$1' }],
    causes: ['picker_without_server_name'],
    says: /be the first of its port/,
  },
  {
    name: 'certificates by a <Location> that the metadata do not know of, and POST bodies of the server below it',
    base: 'apache',
    changes: [
      {
        site: 'mtls',
        from: 'ProxyRequests off',
        to: 'ProxyRequests off\n  <Location /token>\n    Require method GET\n  </Location>',
      },
    ],
    causes: ['alias_answers_nothing'],
    says: /Require/,
  },
]
