import { words } from './words.ts'

/** Says in one sentence why the edge would not let a request through, and what to look at. */
export function edgeRefusalText(refusal: Readonly<Record<string, unknown>>): {
  readonly because: string
  readonly mend: string | undefined
} {
  const header = typeof refusal['header'] === 'string' ? refusal['header'] : 'a header'
  switch (refusal['reason']) {
    case 'certificate_header_unexpected':
      return {
        because: `${header} came in, by which some terminator somewhere hands on a certificate, and this listener reads no such header`,
        mend: `let the terminator remove ${header} from what clients send; where it writes the header itself, the request went to the wrong listener, or client-certificate.from names another terminator`,
      }
    case 'certificate_header_look_alike':
      return {
        because: `${header} differs from a header that counts in - and _ alone`,
        mend: `let the terminator remove it (nginx: underscores_in_headers off)`,
      }
    case 'certificate_header_repeated':
      return {
        because: `${header} came more than once, so that nobody knows which the terminator wrote`,
        mend: `let the terminator replace the header of the client and not add to it`,
      }
    case 'host_misdirected':
      return {
        because: `${String(refusal['host'])} was asked for, and this listener serves ${listed(refusal['expected'])}`,
        mend: 'the terminator leads the host to another listener, or changes Host on the way (nginx: proxy_set_header Host $http_host)',
      }
    case 'host_missing':
    case 'host_repeated':
      return { because: `Host is ${refusal['reason'] === 'host_missing' ? 'missing' : 'there twice'}`, mend: undefined }
    case 'host_contradicts_authority':
      return {
        because: `Host says ${String(refusal['host'])} and the request itself ${String(refusal['authority'])}`,
        mend: undefined,
      }
    case 'proxy_proof_missing':
      return {
        because: 'the secret of the proxy is missing, so that nobody knows who wrote the headers',
        mend: 'let the terminator send it on this host (`holdfast proxy-config` writes the line), and let nobody else reach the listener',
      }
    case 'proxy_proof_wrong':
      return {
        because: 'the secret of the proxy is another one than the configured',
        mend: 'make the configuration of the terminator anew; while changing, name the old one as previous-proxy-secret-file',
      }
    case 'proxy_proof_repeated':
      return {
        because: 'the secret of the proxy came twice: a client sent one, too',
        mend: 'let the terminator replace the header and not add to it',
      }
    case 'headers_too_many':
      return { because: `the request has ${String(refusal['count'])} header lines`, mend: undefined }
    case 'shutting_down':
      return { because: 'the server was about to stop', mend: undefined }
    default:
      return { because: words(String(refusal['reason'])), mend: undefined }
  }
}

function listed(names: unknown): string {
  return Array.isArray(names) && names.length > 0 ? names.join(', ') : 'others'
}
