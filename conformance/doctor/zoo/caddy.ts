import type { Animal } from '../animal.ts'

/** What people get wrong with Caddy. */
export const caddyFaults: readonly Animal[] = [
  {
    name: 'client_auth in the site for people: the picker',
    base: 'caddy',
    changes: [
      {
        site: 'main',
        from: 'protocols tls1.2 tls1.3',
        to: 'protocols tls1.2 tls1.3\n    client_auth {\n      mode request\n    }',
      },
    ],
    causes: ['picker_on_main_host'],
  },
  {
    name: 'the PEM variable with its line breaks',
    base: 'caddy',
    changes: [{ site: 'mtls', from: 'certificate_der_base64', to: 'certificate_pem' }],
    causes: ['line_breaks_in_header'],
    says: /certificate_pem/,
  },
  {
    name: 'the header is not written',
    base: 'caddy',
    changes: [{ site: 'mtls', from: /^ *header_up X-SSL-Client-Cert .*$/m, to: '' }],
    causes: ['certificate_header_dropped'],
  },
  {
    name: 'certificates are required',
    base: 'caddy',
    changes: [{ site: 'mtls', from: 'mode request', to: 'mode require' }],
    causes: ['certificate_required'],
  },
  {
    name: 'a CA is enforced',
    base: 'caddy',
    changes: [
      { site: 'mtls', from: 'mode request', to: 'mode verify_if_given\n      trusted_ca_cert_file $FOLDER/ca.pem' },
    ],
    causes: ['ca_enforced'],
  },
  {
    name: 'no 421',
    base: 'caddy',
    changes: [{ from: 'protocols h1 h2', to: 'protocols h1 h2\n    strict_sni_host insecure_off' }],
    causes: ['misdirected_request_served'],
  },
  {
    name: 'the site for people does not strip',
    base: 'caddy',
    changes: [{ site: 'main', from: 'import holdfast_strip', to: '' }],
    causes: ['forged_header_on_main_host'],
  },
  {
    name: 'the certificate as the client says it',
    base: 'caddy',
    changes: [
      { site: 'mtls', from: 'import holdfast_strip', to: '' },
      { site: 'mtls', from: '{http.request.tls.client.certificate_der_base64}', to: '{header.X-SSL-Client-Cert}' },
    ],
    causes: ['certificate_header_dropped', 'forged_header_on_mtls_host'],
  },
  {
    name: 'a handle for the token endpoint without the certificate',
    base: 'caddy',
    changes: [
      {
        site: 'mtls',
        from: 'import holdfast_strip',
        to: 'import holdfast_strip\n  handle /token {\n    reverse_proxy unix/$FOLDER/run/caddy.sock\n  }',
      },
    ],
    causes: ['certificate_header_dropped'],
    says: /at \/token, unlike elsewhere/,
  },
  {
    name: 'another Host for the server behind',
    base: 'caddy',
    changes: [
      { site: 'mtls', from: /^( *header_up X-SSL-Client-Cert .*)$/m, to: '$1\n    header_up Host holdfast.internal' },
    ],
    causes: ['host_not_served'],
    says: /header_up Host \{host\}/,
  },
  {
    name: 'pages of the house for errors',
    base: 'caddy',
    changes: [
      {
        site: 'mtls',
        from: /^( *header_up X-SSL-Client-Cert .*)$/m,
        to: '$1\n    @refused status 400 401\n    handle_response @refused {\n      respond "<html>Sorry</html>" 401\n    }',
      },
    ],
    causes: ['error_answers_replaced'],
    says: /handle_response/,
  },
]
