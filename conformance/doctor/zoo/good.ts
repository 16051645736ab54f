import type { Animal } from '../animal.ts'
import { bases } from '../backend.ts'

/** What nothing is wrong with: everything that we generate, and our own edge alone. */
export const good: readonly Animal[] = [
  ...bases.map((base): Animal => ({
    name: base === 'edge' ? 'holdfast edge in front' : `${base} as generated`,
    base,
    causes: [],
  })),
  { name: 'Holdfast alone', base: 'holdfast', causes: [] },
  {
    name: 'nginx with TLS 1.3 alone',
    base: 'nginx',
    changes: [{ from: 'ssl_protocols TLSv1.2 TLSv1.3;', to: 'ssl_protocols TLSv1.3;' }],
    causes: [],
  },
  {
    name: 'nginx with TLS 1.2 and HTTP/1.1 alone',
    base: 'nginx',
    changes: [
      { from: 'ssl_protocols TLSv1.2 TLSv1.3;', to: 'ssl_protocols TLSv1.2;' },
      { from: ' ssl http2', to: ' ssl' },
    ],
    causes: [],
  },
  {
    name: 'nginx that refuses unknown names, compresses, and lets documents be read from everywhere',
    base: 'nginx',
    changes: [
      { site: 'main', from: ' default_server;', to: ';' },
      {
        from: /^(?=map )/m,
        to: 'gzip on; gzip_types application/json; gzip_proxied any;\nserver { listen 127.0.0.1:443 ssl http2 default_server; ssl_reject_handshake on; ssl_session_tickets off; }\n',
      },
      { site: 'main', from: 'location / {', to: 'location / { add_header Access-Control-Allow-Origin * always;' },
    ],
    causes: [],
  },
  {
    name: 'nginx behind nginx, which hands the certificate on',
    base: 'nginx',
    changes: [
      {
        from: /^(?=map )/m,
        to: 'server { listen 127.0.0.1:$PLAIN; large_client_header_buffers 4 32k; location / { proxy_pass http://unix:$FOLDER/run/nginx.sock:; proxy_http_version 1.1; proxy_set_header Host $$http_host; } }\n',
      },
      { site: 'mtls', from: 'http://holdfast_mtls_1', to: 'http://127.0.0.1:$PLAIN' },
    ],
    causes: [],
  },
  {
    name: 'haproxy with logging, compression and addresses',
    base: 'haproxy',
    changes: [
      {
        from: 'default_backend holdfast_main_1',
        to: 'default_backend holdfast_main_1\n  option forwardfor\n  compression algo gzip\n  compression type application/json',
      },
    ],
    causes: [],
  },
  {
    name: 'caddy with encodings',
    base: 'caddy',
    changes: [{ from: 'import holdfast_strip', to: 'import holdfast_strip\n  encode gzip' }],
    causes: [],
  },
]
