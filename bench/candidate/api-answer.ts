import { type ServerResponse } from 'node:http'

/** The sample API's answer, the same bytes from every guard: who the token says is asking. */
export function sendApiAnswer(response: ServerResponse, clientId: string): void {
  const body = JSON.stringify({ client_id: clientId })
  response.writeHead(200, ['content-type', 'application/json', 'content-length', String(body.length)])
  response.end(body, 'latin1')
}

export function sendUnauthorized(response: ServerResponse): void {
  response.writeHead(401, ['www-authenticate', 'Bearer error="invalid_token"', 'content-length', '0'])
  response.end()
}
