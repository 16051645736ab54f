/**
 * The process that `node-faults.test.ts` starts and attacks: says its port in a line, stops when its standard input ends.
 *
 * `edge`, `hasty` (handshakes may take only so many milliseconds) and `late` (answers after the connection has closed) are our
 * edge; `transport-first` does with Node's own server what the edge must never do.
 */
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { createEdge } from '@holdfast/edge'
import type { Exchange } from '@holdfast/edge'
import { createTestAuthority, listenOnLoopback } from '@holdfast/testkit'

const [, , kind, milliseconds] = process.argv
const certificate = createTestAuthority().issueServer(['login.test'])
const identity = { certificate: certificate.chainPem, key: certificate.keyPem }

if (kind === 'transport-first') {
  let transport: Socket | undefined
  const tls = createTlsServer({ cert: identity.certificate, key: identity.key }, (socket) => {
    socket.on('error', () => undefined)
    transport?.destroy()
    socket.destroy()
  })
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    transport = socket
    tls.emit('connection', socket)
  })
  process.stdout.write(`${await listenOnLoopback({ after: () => undefined }, server)}\n`)
} else {
  const edge = await createEdge({
    listeners: [
      {
        kind: 'tls',
        name: 'public',
        address: { host: '127.0.0.1', port: 0 },
        names: [{ serverName: 'login.test', role: 'main', ...identity }],
      },
    ],
    limits: {
      maxHandshakesPerAddress: 1_000,
      ...(kind === 'hasty' ? { handshakeTimeout: Number(milliseconds) } : {}),
    },
    handler: kind === 'late' ? answerLate : answer,
  })
  process.stdout.write(`${edge.listeners[0]?.port ?? 0}\n`)
  process.stdin.resume()
  process.stdin.once('end', () => void edge.close(0))
}

function answer({ request, response }: Exchange): void {
  request.resume()
  response.end('served')
}

function answerLate({ request, response, tls }: Exchange): void {
  request.resume()
  response.write('soon')
  response.once('close', () => {
    process.stdout.write(`${tls?.protocol ?? ''} ${tls?.serverName ?? ''}\n`)
    response.end('too late')
  })
}
