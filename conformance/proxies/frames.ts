/** What stands around the generated file in a configuration of nginx that anybody can start. */
export function nginxFrame(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder};`)
  return `daemon off; pid ${folder}/nginx.pid; error_log stderr; events {} user root;
http { access_log off; ${temporary.join(' ')} include ${folder}/holdfast.conf; }
`
}

/** The same for Apache, with the modules of Debian. */
export function apacheFrame(folder: string): string {
  const modules = [
    ...['mpm_event', 'authz_core', 'alias', 'headers', 'ssl', 'socache_shmcb', 'proxy', 'proxy_http', 'http2'],
  ].map((module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`)
  return [
    `ServerRoot ${folder}`,
    'ServerName localhost',
    `PidFile ${folder}/apache.pid`,
    `ErrorLog ${folder}/error.log`,
    `DefaultRuntimeDir ${folder}`,
    ...modules,
    'User www-data',
    'Group www-data',
    `Include ${folder}/holdfast.conf`,
    '',
  ].join('\n')
}

/** The same for nginx that ends no TLS, with its module of Debian. */
export function streamFrame(folder: string): string {
  return `daemon off; pid ${folder}/nginx.pid; error_log stderr; user root;
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
events {}
include ${folder}/holdfast-stream.conf;
`
}
