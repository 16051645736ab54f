import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { createServer } from 'node:http'
import { sendApiAnswer, sendUnauthorized } from './api-answer.ts'
import { candidateSettings, listenOn } from './candidate-settings.ts'
import { thumbprintOfHeader } from './header-certificate.ts'

/** The limit for a token never seen before: one `crypto.verify`, one `JSON.parse`, expiry and thumbprint compared. */
const settings = candidateSettings()
const key = { key: createPublicKey(createPrivateKey(settings.signingKey)), dsaEncoding: 'ieee-p1363' } as const
const thumbprintOf = thumbprintOfHeader()

listenOn(
  createServer((request, response) => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
    const payloadAt = token.indexOf('.') + 1
    const signatureAt = token.lastIndexOf('.') + 1
    const signature = Buffer.from(token.slice(signatureAt), 'base64url')
    if (!verify('sha256', Buffer.from(token.slice(0, signatureAt - 1), 'latin1'), key, signature)) {
      sendUnauthorized(response)
      return
    }
    const claims = JSON.parse(Buffer.from(token.slice(payloadAt, signatureAt - 1), 'base64url').toString()) as {
      readonly exp: number
      readonly client_id: string
      readonly cnf: { readonly 'x5t#S256': string }
    }
    if (claims.exp > Date.now() / 1000 && claims.cnf['x5t#S256'] === thumbprintOf(request)) {
      sendApiAnswer(response, claims.client_id)
    } else sendUnauthorized(response)
  }),
  settings.address,
)
