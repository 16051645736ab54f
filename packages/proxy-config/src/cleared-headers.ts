import type { ProxyDeployment, ProxySite } from './proxy-deployment.ts'
import { sensitiveHeaderNames } from './sensitive-headers.ts'

/** Header names that every site removes from what a client sends: the known ones, and those that this deployment chose. */
export function clearedHeaders(deployment: ProxyDeployment): readonly string[] {
  const names = new Map(sensitiveHeaderNames.map((name) => [name.toLowerCase(), name]))
  for (const { certificateHeader } of deployment.sites)
    for (const name of chosen(certificateHeader)) if (!names.has(name)) names.set(name, capitalised(name))
  return [...names.values()]
}

/** The spelling of a header name for people. */
export function writtenName(header: string): string {
  return sensitiveHeaderNames.find((name) => name.toLowerCase() === header) ?? capitalised(header)
}

function chosen(header: ProxySite['certificateHeader']): readonly string[] {
  if (header === undefined) return []
  return [header.header, header.chainHeader, header.verdictHeader, header.secret?.header]
    .filter((name) => name !== undefined)
    .map((name) => name.toLowerCase())
}

function capitalised(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}
