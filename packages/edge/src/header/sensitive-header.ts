/**
 * Tells whether a header name belongs to those by which some terminator somewhere hands on a client certificate.
 *
 * Takes the skeleton of the name: see `headerSkeleton`.
 */
export function sensitiveHeader(skeleton: string): boolean {
  return sensitiveNames.has(skeleton) || sensitivePrefixes.some((prefix) => skeleton.startsWith(prefix))
}

/** A header name without case and without everything that is no letter or digit: equal for all look-alikes. */
export function headerSkeleton(name: string): string {
  return name.toLowerCase().replace(notAlphanumeric, '')
}

const notAlphanumeric = /[^a-z0-9]/g
const sensitiveNames: ReadonlySet<string> = new Set([
  'xarrclientcert',
  'xforwardedclientcert',
  'xforwardedtlsclientcert',
  'xforwardedtlsclientcertinfo',
  'clienttoedge',
  'msaspnetcoretoken',
])
const sensitivePrefixes: readonly string[] = [
  'clientcert',
  'xsslcert',
  'xsslverify',
  'xsslclient',
  'sslclient',
  'xclientcert',
  'xclientverify',
  'xtlsclientcert',
  'msaspnetcoreclientcert',
  'xamznmtlsclientcert',
  'cfclientcert',
  'xmtls',
]
