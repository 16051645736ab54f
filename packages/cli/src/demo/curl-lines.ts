import type { Addresses } from '../deployment/addresses.ts'
import { cast } from './cast.ts'
import type { CertificateFile, DemoFolder } from './demo-folder.ts'

/** A command for another terminal, and what it shows. */
export interface CurlLine {
  readonly caption: string
  /** The status that comes back; `undefined` for a command that only fills a variable. */
  readonly status: number | undefined
  readonly command: string
}

/** Commands to paste into a POSIX shell, in this order: the first one keeps the token in `$TOKEN`. */
export function curlLines(folder: DemoFolder, addresses: Addresses): readonly CurlLine[] {
  const tokenUrl = `${addresses.mtls}/token`
  const form = `-d grant_type=client_credentials -d client_id=${cast.orders.clientId}`
  const ca = `--cacert ${quoted(folder.ca)}`
  const as = (file: CertificateFile): string => `--cert ${quoted(file.cert)} --key ${quoted(file.key)}`
  const callApi = (certificate: string): string =>
    lines(`curl -si ${ca}`, certificate, `-H "Authorization: Bearer $TOKEN"`, `${addresses.api}/hello`)
  return [
    {
      caption: `${cast.orders.clientId} gets a token, kept in $TOKEN`,
      status: undefined,
      command: `TOKEN=$(${lines(
        `curl -s ${ca}`,
        as(folder.clients.orders),
        form,
        `${tokenUrl} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
      )}`,
    },
    { caption: 'its owner calls the API', status: 200, command: callApi(as(folder.clients.orders)) },
    {
      caption: 'the thief replays the token with his own certificate',
      status: 401,
      command: callApi(as(folder.thief)),
    },
    { caption: 'and without a certificate', status: 401, command: callApi('') },
    {
      caption: 'a stranger, with a self-made certificate in the right name, asks for a token',
      status: 401,
      command: lines(`curl -si ${ca}`, as(folder.stranger), form, tokenUrl),
    },
  ]
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' \\\n  ')
}

function quoted(path: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
