import { type Mends, todo } from './mend-text.ts'

/** What the doctor tells to do where Holdfast ends TLS itself. */
export const mendHoldfast: Mends = {
  picker_on_main_host: todo(
    'give this host the role main in hosts of holdfast.yaml',
    'login.example.com: { role: main }',
  ),
  certificate_not_asked: todo(
    'give this host the role mtls in hosts of holdfast.yaml',
    'mtls.login.example.com: { role: mtls }',
  ),
  server_certificate_expired: todo('renew it, and send SIGHUP: the files are read again', 'kill -HUP PID'),
  server_certificate_incomplete: todo('let the file of tls.certificate have the intermediates behind the certificate'),
  certificate_header_dropped: todo(
    'let `holdfast edge` write the header that the server expects: header: rfc9440 for from: rfc9440, header: nginx for from: nginx',
    'header: rfc9440',
  ),
}
