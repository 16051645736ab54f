import type { Check } from './verdict.ts'
import { badCertificatesArrive } from './check/bad-certificates-arrive.ts'
import { clocks } from './check/clocks.ts'
import { crossOrigin } from './check/cross-origin.ts'
import { earlyData } from './check/early-data.ts'
import { boundTokens } from './check/bound-tokens.ts'
import { certificateFidelity } from './check/certificate-fidelity.ts'
import { certificateOptional } from './check/certificate-optional.ts'
import { certificateSize } from './check/certificate-size.ts'
import { chainArrives } from './check/chain-arrives.ts'
import { expiredMeanwhile } from './check/expired-meanwhile.ts'
import { exposedBackend } from './check/exposed-backend.ts'
import { forgedHeaderByMixedNames, forgedHeaderOnMainHost, forgedHeaderOnMtlsHost } from './check/forged-header.ts'
import { hopByHop } from './check/hop-by-hop.ts'
import { mainHostAsks } from './check/main-host-asks.ts'
import { metadataAndAliases } from './check/metadata-and-aliases.ts'
import { misdirectedRequest } from './check/misdirected-request.ts'
import { mtlsHostAsks } from './check/mtls-host-asks.ts'
import { pathAsks } from './check/path-asks.ts'
import { requestsArrive } from './check/requests-arrive.ts'
import { crossHostSession, resumption } from './check/resumption.ts'
import { serverCertificates } from './check/server-certificates.ts'
import { selfSignedAccepted } from './check/self-signed-accepted.ts'

/** The checks, by number. */
export const checks: readonly Check[] = [
  mainHostAsks,
  mtlsHostAsks,
  pathAsks,
  certificateOptional,
  selfSignedAccepted,
  badCertificatesArrive,
  certificateFidelity,
  certificateSize,
  chainArrives,
  forgedHeaderOnMainHost,
  forgedHeaderOnMtlsHost,
  forgedHeaderByMixedNames,
  hopByHop,
  resumption,
  crossHostSession,
  misdirectedRequest,
  expiredMeanwhile,
  exposedBackend,
  metadataAndAliases,
  boundTokens,
  serverCertificates,
  requestsArrive,
  earlyData,
  crossOrigin,
  clocks,
]
