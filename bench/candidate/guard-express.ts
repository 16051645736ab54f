import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { candidateSettings, listenOn } from './candidate-settings.ts'
import { headerCertificate } from './header-certificate.ts'

/** Express 5 with express-oauth2-jwt-bearer, which checks `cnf.x5t#S256` itself once it is told where the certificate is. */
const settings = candidateSettings()
const jwk = createPublicKey(createPrivateKey(settings.signingKey)).export({ format: 'jwk' })
const app = express()
app.disable('x-powered-by')
app.use(
  auth({
    issuer: settings.issuer,
    audience: settings.audience,
    publicKey: { keys: [{ ...jwk, alg: 'ES256', use: 'sig', kid: 'bench' }] } as never,
    tokenSigningAlg: 'ES256',
    strict: true,
    mtls: { enabled: true, required: true },
    getCertificate: (request) => {
      const header = request.headers['x-ssl-cert']
      return typeof header === 'string' ? headerCertificate(header) : undefined
    },
  }),
)
app.get('/api', (request, response) => {
  response.json({ client_id: request.auth?.payload['client_id'] })
})
listenOn(createServer(app), settings.address)
