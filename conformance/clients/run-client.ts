import { spawn } from 'node:child_process'

/** Runs a foreign client, answers what it printed. Environment without the variables that replace a trust store behind its back. */
export async function runClient(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const {
    CURL_CA_BUNDLE: _a,
    REQUESTS_CA_BUNDLE: _b,
    SSL_CERT_FILE: _c,
    NODE_EXTRA_CA_CERTS: _d,
    ...environment
  } = process.env
  const child = spawn(command, [...args], {
    env: { ...environment, ...options.env },
    cwd: options.cwd,
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed)
    child.once('close', done)
  })
  return { code, stdout, stderr }
}
