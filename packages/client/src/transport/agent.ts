import { Agent } from 'undici'

import { tlsOptions } from '../certificate/client-certificate.ts'
import type { ClientCertificate } from '../certificate/client-certificate.ts'
import { localhostLookup } from './localhost-lookup.ts'

/** Seconds. */
export interface Timeouts {
  /** To reach a host and finish the handshake. */
  readonly connect: number
  /** For a whole answer of the authorization server. */
  readonly authorizationServer: number
  /** Until an API sends its headers, and between two pieces of its body. */
  readonly response: number
}

/**
 * Makes the connections of one certificate. Never shared with another: a kept connection has its certificate for life.
 *
 * @param ca PEM; `undefined` for the authorities that Node trusts
 */
export function createAgent(
  certificate: ClientCertificate | undefined,
  ca: readonly string[] | undefined,
  timeouts: Timeouts,
): Agent {
  return new Agent({
    allowH2: false,
    headersTimeout: timeouts.response * 1000,
    bodyTimeout: timeouts.response * 1000,
    connect: {
      lookup: localhostLookup,
      timeout: timeouts.connect * 1000,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(certificate === undefined ? {} : tlsOptions(certificate.material)),
    },
  })
}
