import { isTrustDomain } from '@holdfast/x509'
import type { BundleLocation, ListenerConfiguration, SpiffeConfiguration, TrustConfiguration } from './configuration.ts'
import type { ConfigurationFile, SpiffeFile } from './configuration-file.ts'
import { defaults } from './defaults.ts'
import { durationSeconds } from './duration.ts'
import { resolveRevocation } from './resolve-revocation.ts'
import type { Resolution } from './resolution.ts'

/** Turns `trust` into settings: each trust has anchors of its own, or those of one SPIFFE trust domain, and no two have the same one. */
export function resolveTrust(file: ConfigurationFile, here: Resolution): ReadonlyMap<string, TrustConfiguration> {
  const trust = new Map<string, TrustConfiguration>()
  const domains = new Map<string, string>()
  for (const [name, value] of Object.entries(file.trust)) {
    const at = ['trust', name]
    if ((value.anchors === undefined) === (value.spiffe === undefined)) {
      const problem = value.spiffe === undefined ? 'has nobody to trust' : 'has both anchors and spiffe'
      here.report(at, problem, 'anchors: [FILE], or spiffe: { trust-domain: …, bundle: … }')
    }
    if (value.spiffe !== undefined && value.revocation !== undefined) {
      here.report([...at, 'revocation'], 'SVIDs are not revoked: they end soon, and CAs leave the bundle')
    }
    const spiffe = value.spiffe && resolveSpiffe(value.spiffe, [...at, 'spiffe'], here)
    const other = spiffe && domains.get(spiffe.trustDomain)
    if (other !== undefined) here.report([...at, 'spiffe', 'trust-domain'], `is already that of trust.${other}`)
    if (spiffe !== undefined) domains.set(spiffe.trustDomain, name)
    trust.set(name, {
      anchors: (value.anchors ?? []).map(here.path),
      intermediates: value.intermediates.map(here.path),
      extendedKeyUsage: value['extended-key-usage'],
      profile: value.profile,
      revocation: resolveRevocation(value.revocation, [...at, 'revocation'], here),
      spiffe,
    })
  }
  return trust
}

/** A proxy shows no SVID: a trust domain vouches for clients only. */
export function checkProxyTrust(
  listeners: readonly ListenerConfiguration[],
  trust: ReadonlyMap<string, TrustConfiguration>,
  { report }: Resolution,
): void {
  for (const [index, { clientCertificate }] of listeners.entries()) {
    const proof = clientCertificate?.proof
    if (proof?.kind !== 'vouched-certificate' || trust.get(proof.trust)?.spiffe === undefined) continue
    const at = ['listeners', index, 'client-certificate', 'proxy-certificate', 'trust']
    report(at, `${proof.trust} is a SPIFFE trust domain, which vouches for clients only`, 'a trust with anchors')
  }
}

function resolveSpiffe(file: SpiffeFile, at: readonly PropertyKey[], here: Resolution): SpiffeConfiguration {
  const { 'trust-domain': trustDomain, 'maximum-age': maximumAge, ca } = file
  if (!isTrustDomain(trustDomain)) {
    const bare = trustDomain
      .replace(/^spiffe:\/\//i, '')
      .replace(/\/.*$/, '')
      .toLowerCase()
    const hint = isTrustDomain(bare) ? `did you mean ${bare}?` : 'lower-case letters, digits, dots, dashes, underscores'
    here.report([...at, 'trust-domain'], 'not the name of a trust domain', hint)
  }
  const bundle = bundleLocation(file.bundle, [...at, 'bundle'], here)
  if (bundle.kind === 'file' && ca !== undefined) here.report([...at, 'ca'], 'no server is asked for a file')
  const asked = maximumAge ?? (bundle.kind === 'url' ? defaults.spiffeBundleMaximumAge : undefined)
  const seconds = asked === undefined ? undefined : durationSeconds(asked)
  if (seconds !== undefined && seconds < shortestAge) {
    here.report([...at, 'maximum-age'], `shorter than ${shortestAge} s: one answer that is late would refuse everybody`)
  }
  return { trustDomain, bundle, ca: ca === undefined ? undefined : here.path(ca), maximumAge: seconds }
}

/** Over https only: unlike a CRL a bundle is not signed. SPIFFE Federation §5.2.1. */
function bundleLocation(location: string, at: readonly PropertyKey[], here: Resolution): BundleLocation {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return { kind: 'file', path: here.path(location) }
  const url = URL.parse(location)
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    here.report(at, 'not an https URL without a user', 'a bundle is not signed, so the way must be')
    return { kind: 'url', url: location }
  }
  return { kind: 'url', url: url.href }
}

/** Seconds: one refresh at the usual hint. */
const shortestAge = 300
