/** One of the two sides of a server: the one for people, or the one that asks for certificates. */
export interface Side {
  readonly name: string
  readonly port: number
  /** As in `Host`: with the port where it is not 443. */
  readonly authority: string
  /** What comes before the names of endpoints, such as `/mtls`; empty mostly. */
  readonly base: string
  /** Path of the token endpoint. */
  readonly token: string
}

/** What the metadata of an issuer say about where it is reached. */
export interface Deployment {
  readonly issuer: string
  readonly main: Side
  /** `undefined`: no aliases, so that nobody is asked for a certificate anywhere. */
  readonly mtls: Side | undefined
  /** How the two sides are told apart. */
  readonly style: 'name' | 'port' | 'path' | 'one_side'
  /** `issuer` of the metadata. */
  readonly claimedIssuer: string | undefined
  /** Every alias by the name of its endpoint (RFC 8705 §5). */
  readonly aliases: ReadonlyMap<string, string>
  readonly authorizationEndpoint: string | undefined
  /** Every endpoint that the metadata name beside the aliases, and the keys, by member (RFC 8414 §2). */
  readonly endpoints: ReadonlyMap<string, string>
}

/** Reads the two sides of a deployment out of its metadata (RFC 8414 §2, RFC 8705 §5). */
export function deploymentOf(issuer: string, metadata: Readonly<Record<string, unknown>>): Deployment {
  const told = metadata['mtls_endpoint_aliases']
  const aliases = new Map(
    Object.entries(typeof told === 'object' && told !== null ? told : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
  const url = new URL(issuer)
  const main = sideOf(text(metadata['token_endpoint'])) ?? side(url, '/token')
  const alias = aliases.get('token_endpoint') ?? [...aliases.values()][0]
  const mtls = sideOf(alias)
  return {
    issuer,
    // The host for people is the issuer's, wherever the token endpoint lies.
    main: main.name === url.hostname ? main : side(url, '/token'),
    mtls,
    style:
      mtls === undefined
        ? 'one_side'
        : mtls.name !== url.hostname
          ? 'name'
          : mtls.port !== portOf(url)
            ? 'port'
            : 'path',
    claimedIssuer: text(metadata['issuer']),
    aliases,
    authorizationEndpoint: text(metadata['authorization_endpoint']),
    endpoints: new Map(
      Object.entries(metadata).filter(
        (entry): entry is [string, string] =>
          (entry[0] === 'jwks_uri' || entry[0].endsWith('_endpoint')) && typeof entry[1] === 'string',
      ),
    ),
  }
}

/** Host, port and path of an endpoint; `undefined` for what is no https URL. */
export function sideOf(endpoint: string | undefined): Side | undefined {
  if (endpoint === undefined || !URL.canParse(endpoint)) return undefined
  const url = new URL(endpoint)
  return url.protocol === 'https:' ? side(url, url.pathname) : undefined
}

function side(url: URL, token: string): Side {
  return {
    name: url.hostname,
    port: portOf(url),
    authority: url.host,
    base: token.slice(0, token.lastIndexOf('/')),
    token,
  }
}

function portOf(url: URL): number {
  return url.port === '' ? 443 : Number(url.port)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
