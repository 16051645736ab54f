import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { decodePem } from '@holdfast/x509'
import type { Making } from '../cert/making.ts'
import { printLabelled } from '../cert/print-labelled.ts'
import { CommandError } from '../command-error.ts'
import { untilStopped } from '../deployment/until-stopped.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { type AuthorityFolder, openAuthorityFolder, readRevocations } from './authority-folder.ts'
import { ocspAnswer } from './ocsp-answer.ts'

export interface CaOcspOptions {
  readonly dir?: string
  readonly port: number
}

/** Answers OCSP requests on loopback, and hands out the CRL, until it is stopped. Reads the revocations anew for each answer. */
export async function caOcsp(
  options: CaOcspOptions,
  terminal: Terminal,
  making: Making,
  stopped: () => Promise<unknown> = untilStopped,
): Promise<ExitCode> {
  const authority = openAuthorityFolder(options.dir, terminal)
  const server = createServer((request, response) => {
    answer(request, response, authority, making).catch(() => response.destroy())
  })
  const port = await listen(server, options.port)
  const ocsp = `http://127.0.0.1:${port}`
  const facts = { ocsp, crl: `${ocsp}${listPath}` }
  if (terminal.json) terminal.printJson(facts)
  else printLabelled(Object.entries(facts), terminal)
  terminal.note(`name both in new certificates: --ocsp ${facts.ocsp} --crl ${facts.crl}`)
  await stopped()
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
  return 0
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  authority: AuthorityFolder,
  making: Making,
): Promise<void> {
  const path = request.url ?? '/'
  if (request.method === 'GET' && path === listPath) {
    const list = currentList(authority)
    if (list === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(list)
    return
  }
  const asked = await askedFor(request, path)
  if (asked === undefined) response.writeHead(request.method === 'POST' ? 413 : 405).end()
  else
    response
      .writeHead(200, { 'content-type': 'application/ocsp-response' })
      .end(ocspAnswer(asked, authority, readRevocations(authority), making.now()))
}

/** RFC 6960 appendix A.1: the request in the body, or in the path as base64. */
async function askedFor(request: IncomingMessage, path: string): Promise<Uint8Array | undefined> {
  if (request.method === 'GET') return Buffer.from(path.slice(1).replaceAll(escaped, unescaped), 'base64')
  if (request.method !== 'POST') return undefined
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > MAXIMUM_REQUEST) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function currentList({ path, list }: AuthorityFolder): Uint8Array | undefined {
  try {
    const blocks = decodePem(readFileSync(join(path, list), 'utf8'), 'X509 CRL')
    return blocks.ok ? blocks.value[0] : undefined
  } catch {
    return undefined
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new CommandError('unknown', `port ${port} cannot be had: ${code ?? message}`, {
      hint: 'choose another with --port, or 0 for a free one',
      cause,
    })
  }
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : port
}

/** The three characters of base64 that clients escape in a path. */
const escaped = /%2[Bb]|%2[Ff]|%3[Dd]/g

function unescaped(text: string): string {
  return String.fromCharCode(parseInt(text.slice(1), 16))
}

const listPath = '/crl'
/** Octets, as the parser takes them. */
const MAXIMUM_REQUEST = 16_384
