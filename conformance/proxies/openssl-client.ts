import { spawn } from 'node:child_process'

/** One request of `openssl s_client`, which, other than Node, offers a session to whatever host it is told to. */
export async function opensslRequest(
  args: readonly string[],
  request: string,
): Promise<{ readonly resumed: boolean; readonly text: string }> {
  const child = spawn('openssl', ['s_client', '-ign_eof', ...args], {
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
  return { resumed: /^Reused, TLS/m.test(text), text }
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
