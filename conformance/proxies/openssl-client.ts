import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export interface OpensslAnswer {
  /** Whether the ClientHello had a session in it. */
  readonly offered: boolean
  readonly resumed: boolean
  readonly text: string
}

/**
 * One request of `openssl s_client`, which, other than Node, offers a session to whatever host it is told to.
 *
 * `trace`: a file for what was said in the handshake.
 */
export async function opensslRequest(args: readonly string[], request: string, trace: string): Promise<OpensslAnswer> {
  const child = spawn('openssl', ['s_client', '-ign_eof', '-trace', '-msgfile', trace, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 20_000,
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stdin.on('error', () => {
    // The handshake failed: the text says so.
  })
  child.stdin.end(request)
  await new Promise((done) => child.once('close', done))
  return { offered: offersSession(await readFile(trace, 'utf8')), resumed: /^Reused, TLS/m.test(text), text }
}

/** RFC 8446 §4.2.11; RFC 5246 §7.4.1.2 and RFC 5077 §3.2. */
function offersSession(trace: string): boolean {
  const [, hello = ''] = /ClientHello, Length=\d+\n([^]*?)\n(?:Sent|Received) /.exec(trace) ?? []
  if (/extension_type=[a-z_]+\(41\)/.test(hello)) return true
  // In TLS 1.3 the session id is there for looks only.
  const tls13 = /extension_type=supported_versions\(43\)/.test(hello)
  return !tls13 && /session_id \(len=[1-9]|extension_type=session_ticket\(35\), length=[1-9]/.test(hello)
}

/** A request in HTTP/1.1 after whose answer the server closes. */
export function http1Text(host: string, path: string, form?: string): string {
  const body =
    form === undefined
      ? []
      : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${Buffer.byteLength(form)}`]
  const head = [
    `${form === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...body,
  ]
  return `${head.join('\r\n')}\r\n\r\n${form ?? ''}`
}
