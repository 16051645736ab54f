import { isIP } from 'node:net'
import type { CrlLocation, RevocationConfiguration } from './configuration.ts'
import type { RevocationFile } from './configuration-file.ts'
import { durationSeconds } from './duration.ts'
import type { Resolution } from './resolution.ts'

/** Turns `trust.NAME.revocation` into settings; `undefined` for `mode: off`, and for one with problems. */
export function resolveRevocation(
  file: RevocationFile | undefined,
  at: readonly PropertyKey[],
  here: Resolution,
): RevocationConfiguration | undefined {
  if (file === undefined) return undefined
  const mode = resolveMode(file, at, here)
  if (mode === undefined) return undefined
  const responders = typeof file.ocsp?.responder === 'string' ? [file.ocsp.responder] : (file.ocsp?.responder ?? [])
  const configuration: RevocationConfiguration = {
    mode,
    crls: file.crl.map((location, index) => crlLocation(location, [...at, 'crl', index], here)),
    distributionPoints: file['crl-distribution-points'],
    responders: responders.map((url) => webUrl(url, [...at, 'ocsp', 'responder'], here)),
    respondersFromCertificate: file.ocsp?.['from-certificate'] ?? 'ignore',
    allowedHosts: file['allowed-hosts'].map((host) => host.toLowerCase()),
    privateAddresses: file['private-addresses'],
    grace: durationSeconds(file.grace),
    skipIfLifetimeBelow: durationSeconds(file['skip-if-lifetime-below']),
    refresh: durationSeconds(file.refresh),
    maximumCrlOctets: file['max-crl-bytes'],
  }
  checkSources(configuration, at, here)
  return configuration
}

/** `mode` says all; `when-unknown` says the same in the words of the one who decides about it. Both may stand there if they agree. */
function resolveMode(
  file: RevocationFile,
  at: readonly PropertyKey[],
  { report }: Resolution,
): 'soft' | 'hard' | undefined {
  const { mode, 'when-unknown': whenUnknown } = file
  const meant = whenUnknown === undefined ? undefined : whenUnknown === 'accept' ? 'soft' : 'hard'
  if (mode !== undefined && meant !== undefined && mode !== meant) {
    report([...at, 'when-unknown'], `contradicts mode: ${mode}`, 'soft accepts what is unknown, hard refuses it')
  }
  const chosen = mode ?? meant ?? 'hard'
  return chosen === 'off' ? undefined : chosen
}

function checkSources(
  configuration: RevocationConfiguration,
  at: readonly PropertyKey[],
  { report }: Resolution,
): void {
  const { crls, distributionPoints, responders, respondersFromCertificate, allowedHosts, privateAddresses } =
    configuration
  const follows = [
    ...(distributionPoints === 'follow' ? ['crl-distribution-points'] : []),
    ...(respondersFromCertificate === 'follow' ? ['ocsp.from-certificate'] : []),
  ]
  if (crls.length === 0 && responders.length === 0 && follows.length === 0) {
    report(at, 'says nowhere to look', 'crl: [FILE or URL], or mode: off')
  }
  if (follows.length > 0 && allowedHosts.length === 0) {
    report([...at, 'allowed-hosts'], `missing: where ${follows.join(' and ')} may lead`, 'allowed-hosts: [crl.example]')
  }
  if (follows.length === 0 && allowedHosts.length > 0) {
    report([...at, 'allowed-hosts'], 'nothing follows URLs out of certificates', 'crl-distribution-points: follow')
  }
  for (const [index, network] of privateAddresses.entries()) {
    const [address = '', prefix = '0'] = network.split('/')
    if (isIP(address) === 0 || !/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > (isIP(address) === 4 ? 32 : 128)) {
      report([...at, 'private-addresses', index], 'not an address or network', '10.1.2.3 or 10.0.0.0/8')
    }
  }
}

function crlLocation(location: string, at: readonly PropertyKey[], here: Resolution): CrlLocation {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return { kind: 'file', path: here.path(location) }
  return { kind: 'url', url: webUrl(location, at, here) }
}

function webUrl(text: string, at: readonly PropertyKey[], { report }: Resolution): string {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '') {
    report(at, 'not an http or https URL without a user')
    return text
  }
  return url.href
}
