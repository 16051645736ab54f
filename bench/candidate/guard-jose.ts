import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { sendApiAnswer, sendUnauthorized } from './api-answer.ts'
import { candidateSettings, listenOn } from './candidate-settings.ts'
import { headerCertificate } from './header-certificate.ts'

/** node:http with jose's `jwtVerify` over a local key set, and `cnf` compared by hand, since jose leaves it to the caller. */
const settings = candidateSettings()
const jwk = createPublicKey(createPrivateKey(settings.signingKey)).export({ format: 'jwk' })
const keys = createLocalJWKSet({ keys: [{ ...jwk, alg: 'ES256', use: 'sig', kid: 'bench' }] })
const options = { issuer: settings.issuer, audience: settings.audience, typ: 'at+jwt', algorithms: ['ES256'] }

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const header = request.headers['x-ssl-cert']
  try {
    const { payload } = await jwtVerify(request.headers.authorization?.slice('Bearer '.length) ?? '', keys, options)
    const bound = (payload['cnf'] as Record<string, unknown> | undefined)?.['x5t#S256']
    const presented = hash('sha256', headerCertificate(typeof header === 'string' ? header : ''), 'base64url')
    if (bound === presented) sendApiAnswer(response, payload['client_id'] as string)
    else sendUnauthorized(response)
  } catch {
    sendUnauthorized(response)
  }
}

listenOn(
  createServer((request, response) => void answer(request, response)),
  settings.address,
)
