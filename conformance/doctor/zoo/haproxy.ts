import type { Animal } from '../animal.ts'

const asks = ' verify optional ca-file @system-ca no-ca-names'
const sessionsOn = [
  { from: ' no-tls-tickets', to: '' },
  { from: 'tune.ssl.cachesize 0', to: '' },
]

/** What people get wrong with HAProxy. */
export const haproxyFaults: readonly Animal[] = [
  {
    name: 'verify for both names: the picker',
    base: 'haproxy',
    changes: [{ from: '[alpn h2,http/1.1] login', to: `[alpn h2,http/1.1${asks}] login` }],
    causes: ['picker_on_main_host'],
  },
  {
    name: 'nobody asks',
    base: 'haproxy',
    changes: [{ from: asks, to: '' }],
    causes: ['certificate_not_asked'],
  },
  {
    name: 'set-header with a condition and no del-header',
    base: 'haproxy',
    changes: [{ from: /^ *http-request del-header .*$/m, to: '' }],
    causes: ['forged_header_on_main_host', 'forged_header_on_mtls_host'],
    says: /believes a certificate in X-SSL-Client-Cert/,
  },
  {
    name: 'del-header on the host for people only',
    base: 'haproxy',
    changes: [{ from: /^( *http-request del-header .*)$/m, to: '$1 if !{ ssl_fc_sni -i mtls.login.example.com }' }],
    causes: ['forged_header_on_mtls_host'],
  },
  {
    name: '+ is decoded to a blank',
    base: 'haproxy',
    changes: [
      { from: 'X-SSL-Client-Cert %[ssl_c_der,base64]', to: 'X-SSL-Client-Cert %[ssl_c_der,base64,url_dec(1)]' },
    ],
    causes: ['plus_turned_to_blank'],
    says: /url_dec/,
  },
  {
    name: 'the other format of the two',
    base: 'haproxy',
    changes: [{ from: 'X-SSL-Client-Cert %[ssl_c_der,base64]', to: 'X-SSL-Client-Cert :%[ssl_c_der,base64]:' }],
    causes: ['certificate_header_undecodable'],
  },
  {
    name: 'a CA is enforced',
    base: 'haproxy',
    changes: [{ from: ' crt-ignore-err all ca-ignore-err all', to: '' }],
    causes: ['ca_enforced'],
  },
  {
    name: 'certificates are required',
    base: 'haproxy',
    changes: [{ from: 'verify optional', to: 'verify required' }],
    causes: ['certificate_required'],
  },
  {
    name: 'the buffer is as small as by default',
    base: 'haproxy',
    changes: [
      { from: /^ *tune\.bufsize .*$/m, to: '' },
      { from: /^ *tune\.maxrewrite .*$/m, to: '' },
    ],
    causes: ['certificate_too_large'],
    says: /tune\.bufsize/,
  },
  {
    name: 'the backend is chosen by Host, and there is no 421',
    base: 'haproxy',
    changes: [
      { from: /^ *http-request return status 421 .*$/gm, to: '' },
      {
        from: 'use_backend holdfast_mtls_1 if { ssl_fc_sni -i mtls.login.example.com }',
        to: 'use_backend holdfast_mtls_1 if host_asks',
      },
    ],
    causes: ['misdirected_request_served'],
  },
  {
    name: 'sessions for all names of the bind line',
    base: 'haproxy',
    changes: sessionsOn,
    causes: ['expired_certificate_resumed', 'session_shared_between_hosts'],
  },
  {
    name: 'ssl_fc_has_crt, which is 0 on resumed sessions',
    base: 'haproxy',
    changes: [...sessionsOn, { from: '{ ssl_c_used }', to: '{ ssl_fc_has_crt }' }],
    causes: ['session_loses_certificate', 'session_shared_between_hosts'],
  },
  {
    name: 'headers are removed in HTTP/1.1 alone',
    base: 'haproxy',
    changes: [
      { from: /^( *http-request del-header .*)$/m, to: '$1 if { ssl_fc_alpn http/1.1 } or !{ ssl_fc_alpn -m found }' },
    ],
    causes: ['forged_header_on_main_host', 'forged_header_on_mtls_host'],
    says: /login\.example\.com in HTTP\/2 alone/,
  },
  {
    name: '421 in HTTP/1.1 alone',
    base: 'haproxy',
    changes: [
      { from: /^( *http-request return status 421 if tls_asks)/gm, to: '$1 { ssl_fc_alpn http/1.1 }' },
      { from: /^( *http-request return status 421 if !tls_asks)/gm, to: '$1 { ssl_fc_alpn http/1.1 }' },
      {
        from: 'use_backend holdfast_mtls_1 if { ssl_fc_sni -i mtls.login.example.com }',
        to: 'use_backend holdfast_mtls_1 if host_asks',
      },
    ],
    causes: ['misdirected_request_served'],
    says: /in HTTP\/2 is served/,
  },
  {
    name: 'add-header beside what the client sent',
    base: 'haproxy',
    changes: [
      { from: /^ *http-request del-header .*$/m, to: '' },
      { from: 'http-request set-header X-SSL-Client-Cert', to: 'http-request add-header X-SSL-Client-Cert' },
    ],
    causes: ['forged_header_on_main_host', 'forged_header_on_mtls_host'],
  },
  {
    name: 'the certificate in hexadecimal',
    base: 'haproxy',
    changes: [{ from: 'X-SSL-Client-Cert %[ssl_c_der,base64]', to: 'X-SSL-Client-Cert %[ssl_c_der,hex]' }],
    causes: ['certificate_header_undecodable'],
    says: /arrives as hexadecimal/,
  },
  {
    name: 'the certificate in quotes',
    base: 'haproxy',
    changes: [{ from: 'X-SSL-Client-Cert %[ssl_c_der,base64]', to: 'X-SSL-Client-Cert "\\"%[ssl_c_der,base64]\\""' }],
    causes: ['certificate_header_undecodable'],
  },
  {
    name: 'the fingerprint in place of the certificate',
    base: 'haproxy',
    changes: [{ from: 'X-SSL-Client-Cert %[ssl_c_der,base64]', to: 'X-SSL-Client-Cert %[ssl_c_sha1,hex]' }],
    causes: ['certificate_header_undecodable'],
    says: /too short for a certificate/,
  },
  {
    name: 'the page of the house for each refusal',
    base: 'haproxy',
    changes: [
      {
        from: /^backend holdfast_mtls_1$/m,
        to: 'backend holdfast_mtls_1\n  http-response return status 401 content-type text/html string "<html>Sorry</html>" if { status 401 }',
      },
    ],
    causes: ['error_answers_replaced'],
    says: /http-response return/,
  },
  {
    name: 'POST is denied',
    base: 'haproxy',
    changes: [
      {
        from: /^( *use_backend holdfast_mtls_1 .*)$/m,
        to: '  http-request deny if METH_POST { ssl_fc_sni -i mtls.login.example.com }\n$1',
      },
    ],
    causes: ['alias_answers_nothing'],
    says: /http-request deny/,
  },
  {
    name: 'early data',
    base: 'haproxy',
    changes: [...sessionsOn, { from: /^( *bind .*)$/m, to: '$1 allow-0rtt' }],
    causes: ['early_data_accepted', 'expired_certificate_resumed', 'session_shared_between_hosts'],
    says: /allow-0rtt/,
  },
]
