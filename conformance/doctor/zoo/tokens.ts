import type { Animal, Change } from '../animal.ts'

/** An API of the same terminator, with a host of its own. */
const api = (certificate: string): Change => ({
  from: /^(?=map )/m,
  to: `server { listen 127.0.0.1:443 ssl http2; server_name api.example.com; ssl_certificate $$FOLDER/server.pem; ssl_certificate_key $$FOLDER/server.key; ssl_session_tickets off; ssl_session_cache off; ssl_verify_client optional_no_ca; location / { proxy_pass http://unix:$$FOLDER/run/api.sock:; proxy_set_header Host $$http_host; proxy_set_header X-SSL-CERT ${certificate}; } }\n`,
})
const written = '$$ssl_client_escaped_cert'
const asking =
  (client: string, pair: string, ...more: readonly string[]) =>
  ({ folder }: { readonly folder: string }): readonly string[] => [
    ...['--client-id', client, '--cert', `${folder}/${pair}.pem`, '--key', `${folder}/${pair}.key`, ...more],
  ]
const resource = ['--resource', 'https://api.example.com/'] as const

/** What a test client and an API show, and nothing else would. */
export const tokenFaults: readonly Animal[] = [
  {
    name: 'a client whose new certificate was not registered',
    base: 'nginx',
    args: asking('probe', 'unregistered'),
    causes: ['token_refused'],
    says: /invalid_client/,
  },
  {
    name: 'a client whose tokens are not bound',
    base: 'nginx',
    args: asking('unbound', 'probe'),
    causes: ['token_not_bound'],
  },
  {
    name: 'an API whose terminator does not hand the certificate on',
    base: 'nginx',
    changes: [api('""')],
    args: asking('probe', 'probe', ...resource),
    causes: ['api_refuses_owner'],
    says: /401/,
  },
]

export const goodTokens: readonly Animal[] = [
  {
    name: 'a test client, and an API that compares',
    base: 'nginx',
    changes: [api(written)],
    args: asking('probe', 'probe', ...resource),
    causes: [],
  },
]
