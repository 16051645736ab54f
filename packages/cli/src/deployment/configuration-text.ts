import type { Addresses } from './addresses.ts'
import { yaml, YamlText } from './yaml-text.ts'

/** What `holdfast demo` and `holdfast init` put into `holdfast.yaml`. Paths are relative to the file. */
export interface ConfigurationText {
  readonly opening: YamlText
  readonly addresses: Addresses
  readonly server: { readonly certificate: string; readonly key: string }
  readonly trust: { readonly name: string; readonly anchors: readonly string[] }
  readonly audience: string
  readonly clients: readonly YamlText[]
  /** People who can log in, where there are some. */
  readonly users?: readonly YamlText[]
  readonly log: string
}

/** A complete, commented `holdfast.yaml`. */
export function configurationText(facts: ConfigurationText): string {
  const { addresses } = facts
  return yaml`${facts.opening}

# Who issues the tokens: an https URL on the host that people use.
issuer: ${addresses.issuer}

# A host of role main never asks for a certificate, so no browser ever shows a certificate picker. A host of role
# mtls asks, and serves programs only; its URLs are announced as mtls_endpoint_aliases (RFC 8705 §5).
hosts:
  ${hostKey(addresses.mainHost)}: { role: main }
  ${hostKey(addresses.mtlsHost)}: { role: mtls }

# Where the server listens, and with which certificate. Behind a proxy, a listener says how the proxy passes the
# client's certificate instead: client-certificate: { from: nginx }.
listeners:
  ${listeners(facts)}

# Which CAs may vouch for clients. A CA counts only for the clients that name it, so that a careless one cannot
# make certificates for everybody.
trust:
  ${facts.trust.name}:
    anchors: ${facts.trust.anchors}

# Records use the names of RFC 7591 and RFC 8705. All of these get tokens that are bound to their certificate.
clients:
  ${spaced(facts.clients)}
${people(facts.users)}
tokens:
  access-token-lifetime: 5m
  audience: ${facts.audience}

# The keys that sign tokens lie in the store, sealed by the master key.
keys:
  algorithm: ES256
  master-key-file: ./master.key

store:
  url: 'sqlite:./holdfast.db'

# One line of JSON for each event; the audit has every token issued and every request refused, with the reason.
log:
  destination: ${facts.log}
audit:
  destination: ./audit.jsonl
`.text
}

function people(users: readonly YamlText[] | undefined): YamlText {
  if (users === undefined) return new YamlText('')
  return yaml`
# People log in on the main host, for applications with the grant authorization_code and for their own account page.
# Here are some by name; holdfast user add puts further ones into the store.
people:
  users:
    ${users}
`
}

function listeners(facts: ConfigurationText): YamlText[] {
  const { addresses } = facts
  const tls = yaml`{ certificate: ${facts.server.certificate}, key: ${facts.server.key} }`
  if (addresses.style === 'subdomain')
    return addresses.loopback.map(
      (address) => yaml`- address: ${`${address}:${addresses.mainPort}`}
  tls: ${tls}`,
    )
  return [[addresses.mainPort, addresses.mainHost] as const, [addresses.mtlsPort, addresses.mtlsHost] as const].flatMap(
    ([port, host]) =>
      addresses.loopback.map(
        (address) => yaml`- address: ${`${address}:${port}`}
  hosts: ${[host]}
  tls: ${tls}`,
      ),
  )
}

/** With an empty line between them. */
function spaced(texts: readonly YamlText[]): readonly YamlText[] {
  return texts.map(({ text }, at) => new YamlText(at < texts.length - 1 ? `${text}\n` : text))
}

/** A host with a port is quoted: `localhost:8443: x` is legal YAML, and hard to read. */
function hostKey(host: string): YamlText {
  return host.includes(':') ? new YamlText(JSON.stringify(host)) : yaml`${host}`
}
