import { type KeyObject, createPrivateKey, hash, randomFillSync, sign } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type DatabaseSync } from 'node:sqlite'
import { TLSSocket } from 'node:tls'
import { candidateSettings, listenOn } from './candidate-settings.ts'
import { thumbprintOfHeader } from './header-certificate.ts'
import { joseSignature } from './jose-signature.ts'
import { openTokenTable } from './token-table.ts'

/**
 * The limit: the same bytes of work as a token endpoint, and nothing else. No routing, no client look-up, no policy.
 *
 * It reads the form, takes the certificate's thumbprint from a map keyed by the header's text (or once per TLS
 * connection), and signs what has gathered in one turn of the event loop in one burst. Variants: `token` as said;
 * `opaque` stores a random token's hash in SQLite instead, one transaction a burst.
 */
const settings = candidateSettings()
const key: KeyObject = createPrivateKey(settings.signingKey)
const protectedHeader = base64url(JSON.stringify({ alg: settings.signingAlgorithm, typ: 'at+jwt', kid: 'limit' })) + '.'
const ofHeader = thumbprintOfHeader()
const socketThumbprint = Symbol('thumbprint')
const table = settings.variant === 'opaque' ? openTokenTable(`${settings.folder}/limit-${process.pid}.db`) : undefined

interface Pending {
  readonly response: ServerResponse
  readonly clientId: string
  readonly scope: string
  readonly audience: string
  readonly thumbprint: string
}
let pending: Pending[] = []
let scheduled = false

function answer(request: IncomingMessage, response: ServerResponse): void {
  let body = ''
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString('latin1')
  })
  request.on('end', () => {
    const form = readForm(body)
    pending.push({
      response,
      clientId: form.get('client_id') ?? '',
      scope: form.get('scope') ?? '',
      audience: form.get('resource') ?? '',
      thumbprint: request.socket instanceof TLSSocket ? ofSocket(request.socket) : ofHeader(request),
    })
    if (scheduled) return
    scheduled = true
    setImmediate(burst)
  })
}

function burst(): void {
  const batch = pending.length > burstSize ? pending.splice(0, burstSize) : pending
  if (batch === pending) pending = []
  if (table === undefined) for (const item of batch) send(item.response, signedToken(item), item.scope)
  else storeAll(batch, table)
  scheduled = pending.length > 0
  if (scheduled) setImmediate(burst)
}

function signedToken({ clientId, scope, audience, thumbprint }: Pending): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = JSON.stringify({
    iss: settings.issuer,
    sub: clientId,
    aud: audience,
    client_id: clientId,
    scope,
    iat,
    exp: iat + lifetime,
    jti: randomText(16),
    cnf: { 'x5t#S256': thumbprint },
  })
  const input = protectedHeader + base64url(claims)
  const signature = sign('sha256', Buffer.from(input, 'latin1'), key)
  const bytes = settings.signingAlgorithm === 'ES256' ? joseSignature(signature) : signature
  return `${input}.${bytes.toString('base64url')}`
}

function storeAll(batch: readonly Pending[], { database, insert }: NonNullable<typeof table>): void {
  const tokens = batch.map(() => randomText(32))
  insertAll(database, () => {
    const exp = Math.floor(Date.now() / 1000) + lifetime
    batch.forEach(({ clientId, scope, audience, thumbprint }, at) =>
      insert.run(hash('sha256', tokens[at] ?? '', 'buffer'), clientId, thumbprint, scope, audience, exp),
    )
  })
  batch.forEach(({ response, scope }, at) => send(response, tokens[at] ?? '', scope))
}

function insertAll(database: DatabaseSync, insertions: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  insertions()
  database.exec('COMMIT')
}

function send(response: ServerResponse, token: string, scope: string): void {
  const body = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetime, scope })
  response.writeHead(200, [
    'content-type',
    'application/json',
    'cache-control',
    'no-store',
    'content-length',
    String(body.length),
  ])
  response.end(body, 'latin1')
}

function readForm(body: string): ReadonlyMap<string, string> {
  const form = new Map<string, string>()
  for (const pair of body.split('&')) {
    const equals = pair.indexOf('=')
    const value = pair.slice(equals + 1)
    form.set(pair.slice(0, equals), value.includes('%') ? decodeURIComponent(value) : value)
  }
  return form
}

function ofSocket(socket: TLSSocket & { [socketThumbprint]?: string }): string {
  return (socket[socketThumbprint] ??= hash(
    'sha256',
    socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0),
    'base64url',
  ))
}

function base64url(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64url')
}

/** Random bytes are drawn in one large piece, as `randomUUID` does. */
const randomPool = Buffer.alloc(4096)
let randomAt = randomPool.length
function randomText(bytes: number): string {
  if (randomAt + bytes > randomPool.length) {
    randomFillSync(randomPool)
    randomAt = 0
  }
  randomAt += bytes
  return randomPool.toString('base64url', randomAt - bytes, randomAt)
}

const burstSize = 32
const lifetime = 600

if (settings.tls === undefined) listenOn(createServer(answer), settings.address)
else {
  const { certificate: cert, key: tlsKey, authority: ca } = settings.tls
  const options = { cert, key: tlsKey, ca, requestCert: true, rejectUnauthorized: false }
  const withoutTickets =
    settings.variant === 'no-tickets' ? { secureOptions: (await import('node:constants')).SSL_OP_NO_TICKET } : {}
  listenOn(createTlsServer({ ...options, ...withoutTickets }, answer), settings.address)
}
