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
]
