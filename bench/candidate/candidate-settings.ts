import { type Server as HttpServer } from 'node:http'
import { type Address } from '../load/load-plan.ts'

/** What a candidate process of this folder is told, as JSON in its first argument. Certificates and keys are PEM. */
export interface CandidateSettings {
  readonly address: Address
  readonly variant: string
  readonly issuer: string
  readonly audience: string
  readonly scope: string
  readonly redirectUri: string
  /** Of the person that clients get tokens for. */
  readonly subject: string
  readonly signingAlgorithm: 'ES256' | 'RS256'
  readonly signingKey: string
  readonly clients: readonly { readonly clientId: string; readonly dnsName: string; readonly certificate: string }[]
  /** With it the candidate ends TLS itself and asks for a certificate; without, nginx's header brings it. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly authority: string }
  /** Where a candidate that keeps records may do so. */
  readonly folder: string
}

/** Reads the settings; from then on SIGTERM ends the process in an orderly way, so that a CPU profile is written. */
export function candidateSettings(): CandidateSettings {
  process.once('SIGTERM', () => process.exit(0))
  const text = process.argv[2]
  if (text === undefined) throw new Error('a candidate needs its settings')
  return JSON.parse(text) as CandidateSettings
}

export function listenOn(server: Pick<HttpServer, 'listen'>, address: Address): void {
  if (address.kind === 'unix') server.listen(address.path)
  else server.listen(address.port, address.host)
}
