import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import { createGuard } from '@holdfast/guard'
import { guarded } from '@holdfast/guard/node'
import { sendApiAnswer } from './api-answer.ts'
import { candidateSettings, listenOn } from './candidate-settings.ts'

/** The guard before a node:http listener, behind nginx on a Unix socket, everything else by default. */
const settings = candidateSettings()
const jwk = createPublicKey(createPrivateKey(settings.signingKey)).export({ format: 'jwk' })
const guard = createGuard({
  issuer: settings.issuer,
  audience: settings.audience,
  certificate: { from: 'nginx', proof: 'unix-socket' },
  keys: { jwks: { keys: [{ ...jwk, alg: 'ES256', use: 'sig', kid: 'bench' }] } },
})
listenOn(
  createServer(guarded(guard, (_request, response, { token }) => sendApiAnswer(response, token.clientId ?? ''))),
  settings.address,
)
