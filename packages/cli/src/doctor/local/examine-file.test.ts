import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob, resolve } from 'node:path'
import { describe, test } from 'node:test'
import type { Files } from './directive.ts'
import { examineFile, type ProxyLanguage } from './examine-config-file.ts'

const golden = resolve(import.meta.dirname, '../../../../proxy-config/golden')

/** The files of a generated configuration as they would lie in /etc. */
function generated(proxy: string, name: string): Map<string, string> {
  const parts = readFileSync(join(golden, proxy, name), 'utf8').split(/^-- (.+) --\n/m)
  const files = new Map<string, string>()
  for (let at = 1; at + 1 < parts.length; at += 2) files.set(`/etc/proxy/${parts[at] ?? ''}`, parts[at + 1] ?? '')
  return files
}

function inMemory(files: ReadonlyMap<string, string>): Files {
  return {
    read: (path) => files.get(path),
    find: (pattern) => {
      const absolute = resolve('/etc/proxy', pattern)
      return [...files.keys()].filter((path) => matchesGlob(path, absolute)).toSorted()
    },
  }
}

/** Some goldens say why nothing can be generated. */
function isGenerated(proxy: string, name: string): boolean {
  return name.endsWith('.txt') && !readFileSync(join(golden, proxy, name), 'utf8').includes('\n-- problems --')
}

const mains = { nginx: 'holdfast.conf', haproxy: 'haproxy.cfg', apache: 'holdfast.conf', caddy: 'Caddyfile' } as const

function found(
  language: ProxyLanguage,
  files: ReadonlyMap<string, string>,
  main: string,
  mtlsHosts: readonly string[] = [],
): readonly string[] {
  const { findings } = examineFile(`/etc/proxy/${main}`, language, inMemory(files), mtlsHosts)
  return findings.map(({ cause, place }) => `${cause} ${place.file.slice('/etc/proxy/'.length)}:${place.line}`)
}

describe('nothing is found in what we generate', () => {
  for (const language of ['nginx', 'haproxy', 'apache', 'caddy'] as const)
    for (const name of readdirSync(join(golden, language)).filter((entry) => isGenerated(language, entry)))
      test(`${language}: ${name}`, () => {
        const files = generated(language, name)
        const { findings, sites } = examineFile(`/etc/proxy/${mains[language]}`, language, inMemory(files), [])
        assert.deepEqual(findings, [])
        assert.ok((sites ?? 0) >= 1, `${sites ?? 0} sites`)
      })
})

describe('what is wrong is found, with its line', () => {
  const nginx = `http {
  include sites/*.conf;
}`
  const site = (name: string, ...lines: readonly string[]): string =>
    ['server {', '  listen 443 ssl;', `  server_name ${name};`, ...lines.map((line) => `  ${line}`), '}'].join('\n')
  const clearing = 'include clear.conf;'
  const clear = readFileSync(join(golden, 'nginx/two-sockets.txt'), 'utf8')
    .split('\n')
    .filter((line) => /proxy_set_header .* "";/.test(line))
    .join('\n')
  const quiet = 'ssl_session_tickets off; if ($ssl_server_name != $host) { return 421; }'
  const host = 'proxy_set_header Host $http_host;'

  for (const [name, files, expected] of [
    [
      'nginx: a site in an included file that does not clear headers',
      {
        'sites/a-login.conf': site('login.example.com', quiet, 'location / { proxy_pass http://app; }'),
        'sites/b-mtls.conf': site(
          'mtls.example.com',
          ...[quiet, clearing, host, 'ssl_verify_client optional_no_ca;', 'error_page 495 = @app;'],
          'proxy_set_header X-SSL-CERT $ssl_client_escaped_cert;',
          'location @app { proxy_pass http://app; }',
        ),
      },
      ['forged_header_on_main_host sites/a-login.conf:5'],
    ],
    [
      'nginx: the deprecated variable, optional with a CA, tickets, the certificate host first',
      {
        'sites/a-mtls.conf': site(
          'mtls.example.com',
          ...[clearing, 'ssl_verify_client optional;', `proxy_set_header X-SSL-CERT $ssl_client_cert; ${host}`],
          'location / { proxy_pass http://app; }',
        ),
        'sites/b-login.conf': site('login.example.com', clearing, quiet, 'location / { proxy_pass http://app; }'),
      },
      [
        'ca_enforced sites/a-mtls.conf:5',
        'picker_without_server_name sites/a-mtls.conf:1',
        'line_breaks_in_header sites/a-mtls.conf:6',
        'expired_certificate_resumed sites/a-mtls.conf:1',
      ],
    ],
    [
      'nginx: a location with a header of its own loses all the others',
      {
        'sites/a-login.conf': site(
          'login.example.com',
          ...[clearing, quiet, 'location / { proxy_pass http://app; }'],
          'location /api { proxy_set_header Host $host; proxy_pass http://app; }',
        ),
      },
      ['forged_header_on_main_host sites/a-login.conf:7'],
    ],
    [
      'nginx: a map whose default is the header of the client, Host not told, pages for errors, early data',
      {
        'map.conf': 'map $ssl_client_verify $cert { SUCCESS $ssl_client_escaped_cert; default $http_x_ssl_cert; }',
        'sites/b-mtls.conf': site(
          'mtls.example.com',
          ...['include map.conf;', quiet, clearing, 'ssl_verify_client optional_no_ca;', 'error_page 495 = @app;'],
          ...['proxy_set_header X-SSL-CERT $http_x_ssl_cert;', 'ssl_early_data on;'],
          'location @app { proxy_intercept_errors on; proxy_pass http://app; }',
        ),
      },
      [
        'forged_header_on_mtls_host sites/b-mtls.conf:9',
        'certificate_header_dropped sites/b-mtls.conf:11',
        'host_not_served sites/b-mtls.conf:11',
        'error_answers_replaced sites/b-mtls.conf:11',
        'early_data_accepted sites/b-mtls.conf:10',
      ],
    ],
  ] as const)
    test(name, () => {
      const all = new Map([
        ['/etc/proxy/nginx.conf', nginx],
        ['/etc/proxy/clear.conf', clear],
        ...Object.entries(files).map(([path, text]): [string, string] => [`/etc/proxy/${path}`, text]),
      ])
      assert.deepEqual(found('nginx', all, 'nginx.conf'), expected)
    })

  test('nginx: a host that asks although another is meant to', () => {
    const files = generated('nginx', 'two-sockets.txt')
    const causes = found('nginx', files, 'holdfast.conf', ['certs.example.com'])
    assert.ok(causes.some((cause) => cause.startsWith('picker_on_main_host')))
  })

  test('haproxy: no del-header, small buffers, sessions, no ignore lists, no 421', () => {
    const files = generated('haproxy', 'two-sockets.txt')
    const text = (files.get('/etc/proxy/haproxy.cfg') ?? '')
      .replace(/^ *http-request del-header .*$/m, '')
      .replace(/^ *tune\.bufsize .*$/m, '')
      .replace(' no-tls-tickets', '')
      .replace(' crt-ignore-err all ca-ignore-err all', '')
      .replaceAll(/^ *http-request return status 421 .*$/gm, '')
    files.set('/etc/proxy/haproxy.cfg', text)
    const causes = found('haproxy', files, 'haproxy.cfg').map((line) => line.split(' ')[0])
    assert.deepEqual(causes, [
      'forged_header_on_main_host',
      'ca_enforced',
      'forged_header_on_mtls_host',
      'certificate_too_large',
      'session_shared_between_hosts',
      'misdirected_request_served',
    ])
  })

  test('apache: one spelling forgotten, Connection unguarded, certificates required', () => {
    const files = generated('apache', 'two-sockets.txt')
    const text = (files.get('/etc/proxy/holdfast.conf') ?? '')
      .replace('RequestHeader unset X_SSL_CERT', '')
      .replaceAll(/^ *RequestHeader (set|unset) Connection .*$/gm, '')
      .replace('SSLVerifyClient optional_no_ca', 'SSLVerifyClient require')
    files.set('/etc/proxy/holdfast.conf', text)
    const causes = found('apache', files, 'holdfast.conf').map((line) => line.split(' ')[0])
    assert.deepEqual(causes, ['forged_header_on_main_host', 'certificate_required', 'header_removed_by_connection'])
  })

  test('apache: a header that is appended, Host not told, pages for errors', () => {
    const files = generated('apache', 'two-sockets.txt')
    const text = (files.get('/etc/proxy/holdfast.conf') ?? '')
      .replaceAll('RequestHeader unset X-SSL-CERT\n', '')
      .replace('RequestHeader set X-SSL-CERT', 'RequestHeader append X-SSL-CERT')
      .replaceAll('ProxyPreserveHost on', 'ProxyErrorOverride on')
    files.set('/etc/proxy/holdfast.conf', text)
    const causes = found('apache', files, 'holdfast.conf').map((line) => line.split(' ')[0])
    assert.deepEqual(causes, [
      'forged_header_on_main_host',
      'forged_header_on_mtls_host',
      'host_not_served',
      'error_answers_replaced',
    ])
  })

  test('haproxy: a header that is added, early data', () => {
    const files = generated('haproxy', 'two-sockets.txt')
    const text = (files.get('/etc/proxy/haproxy.cfg') ?? '')
      .replace(/^ *http-request del-header .*$/m, '  http-request del-header client-cert -m beg')
      .replace('set-header X-SSL-Client-Cert', 'add-header X-SSL-Client-Cert')
      .replace(/^( *bind .*)$/m, '$1 allow-0rtt')
    files.set('/etc/proxy/haproxy.cfg', text)
    const { findings } = examineFile('/etc/proxy/haproxy.cfg', 'haproxy', inMemory(files), [])
    assert.deepEqual(
      findings.map(({ cause }) => cause),
      ['forged_header_on_main_host', 'forged_header_on_mtls_host', 'early_data_accepted', 'early_data_accepted'],
    )
    assert.match(findings[1]?.what ?? '', /writes x-ssl-client-cert beside what a client sent/)
  })

  test('caddy: no strip, the PEM variable, a careless comparison of names', () => {
    const files = generated('caddy', 'two-sockets.txt')
    const text = (files.get('/etc/proxy/Caddyfile') ?? '')
      .replace('import holdfast_strip', '')
      .replace('certificate_der_base64', 'certificate_pem')
      .replace('protocols h1 h2', 'protocols h1 h2\n    strict_sni_host insecure_off')
    files.set('/etc/proxy/Caddyfile', text)
    const causes = found('caddy', files, 'Caddyfile').map((line) => line.split(' ')[0])
    assert.deepEqual(causes, ['forged_header_on_main_host', 'line_breaks_in_header', 'misdirected_request_served'])
  })

  test('traefik and envoy: the lines that decide', () => {
    const traefik =
      'entryPoints:\n  web:\n    forwardedHeaders:\n      insecure: true\ntls:\n  options:\n    m:\n      clientAuth:\n        clientAuthType: RequireAnyClientCert\n'
    const envoy =
      'static_resources:\n  forward_client_cert_details: APPEND_FORWARD\n  "@type": DownstreamTlsContext\n  validation_context:\n    trusted_ca: {}\n'
    const files = new Map([
      ['/etc/proxy/traefik.yaml', traefik],
      ['/etc/proxy/envoy.yaml', envoy],
    ])
    assert.deepEqual(found('traefik', files, 'traefik.yaml'), [
      'forged_header_on_main_host traefik.yaml:4',
      'certificate_required traefik.yaml:9',
    ])
    assert.deepEqual(found('envoy', files, 'envoy.yaml'), [
      'forged_header_on_mtls_host envoy.yaml:2',
      'ca_enforced envoy.yaml:4',
    ])
  })
})

test('an include that leads nowhere is told, one that includes itself ends', () => {
  const files = new Map([['/etc/proxy/nginx.conf', 'http { include gone.conf; include nginx.conf; }']])
  const { missing } = examineFile('/etc/proxy/nginx.conf', 'nginx', inMemory(files), [])
  assert.equal(missing[0]?.pattern, 'gone.conf')
})
