/** Where a candidate listens. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** One client of the load: the text around the token, its certificate where the load speaks TLS itself. */
export interface LoadClient {
  readonly clientId: string
  readonly thumbprint: string
  readonly request: RequestText
  readonly tls?: { readonly certificate: string; readonly key: string }
}

/** A whole HTTP/1.1 request in latin1; with `tokens` in the plan, a token is put between `before` and `after`. */
export interface RequestText {
  readonly before: string
  readonly after: string
}

/** A run of requests, each made from what the one before brought, begun again when its last is answered. It counts as one. */
export interface Conversation {
  readonly steps: readonly ConversationStep[]
  /** What the first step is made from. */
  readonly taken: string
}

/** One request in latin1: the head without `content-length` and blank line, then the body; `{taken}` is what was taken last. */
export interface ConversationStep {
  /** Index of one of the plan's addresses; the first one when there is none with this index. */
  readonly address: number
  readonly head: string
  readonly body: string
  readonly status: number
  /** A regular expression whose first group is taken out of the answer, where it matches. */
  readonly take?: string
}

/** What the load process is told to do. Milliseconds, bytes. */
export interface LoadPlan {
  readonly addresses: readonly Address[]
  readonly tlsServerName?: string
  /** Groups for the key exchange, as OpenSSL lists them; default: those of Node. */
  readonly tlsGroups?: string
  readonly mode: 'keep-alive' | 'connection-per-request' | 'conversation'
  readonly connections: number
  readonly clients: readonly LoadClient[]
  /** With the mode `conversation`: connection n holds the n-th, as the n-th client. */
  readonly conversations?: readonly Conversation[]
  /** A file with one token a line, each used once, token k by client k modulo the number of clients. */
  readonly tokenFile?: string
  readonly warmMilliseconds: number
  readonly measureMilliseconds: number
  readonly polling: 'busy' | 'sleep'
  readonly expectedStatus: number
  readonly expectedBody?: string
  /** The processes whose CPU time is charged to the requests, with all their descendants. */
  readonly processes: readonly number[]
}

/** What the load process saw in the measured window. */
export interface LoadReport {
  readonly requests: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly loadCpuSeconds: number
  readonly peakResidentBytes: number
  readonly latencyMicroseconds: { readonly p50: number; readonly p99: number; readonly worst: number }
  readonly failures: number
  readonly firstFailure?: string
  readonly samples: readonly ResponseSample[]
}

export interface ResponseSample {
  readonly client: number
  readonly body: string
}
