import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { type ConnectionOptions, type SecureContext, connect as connectTls, createSecureContext } from 'node:tls'
import { processTree, processUsage } from '../measure/process-usage.ts'
import { type Address, type LoadPlan, type LoadReport, type ResponseSample } from './load-plan.ts'
import { responseReader } from './response-reader.ts'

/**
 * The load process: reads its plan from the file named by the first argument, prints a LoadReport as one line of JSON.
 *
 * It never sleeps while it measures (`polling: 'busy'`): on a virtual machine the interrupt that wakes a sleeping
 * process on the other core is charged to the server's `write`, and the benchmark would measure the hypervisor.
 */
async function main(plan: LoadPlan): Promise<LoadReport> {
  const window = measuredWindow(plan)
  const nextRequest = requestSource(plan, window.close)
  const answered = answerCheck(plan, window)
  if (plan.polling === 'busy') pollUntil(window.closed)
  for (let index = 0; index < plan.connections; index++) {
    const address = plan.addresses[index % plan.addresses.length]
    if (address === undefined) throw new Error('a load plan needs an address')
    if (plan.mode === 'conversation') converse(plan, index, answered, window)
    else if (plan.mode === 'keep-alive') keepAlive(plan, index, address, nextRequest, answered, window.closed)
    else connectionPerRequest(plan, index, address, nextRequest, answered, window.closed)
  }
  return window.report
}

interface Window {
  readonly report: Promise<LoadReport>
  readonly closed: () => boolean
  readonly measuring: () => boolean
  /** Ends the window early, as when the tokens are used up. */
  readonly close: () => void
  readonly count: (microseconds: number) => void
  readonly fail: (reason: string) => void
  readonly sample: (client: number, body: string) => void
}

/** Warm-up, then the window in which requests and CPU time are counted. */
function measuredWindow(plan: LoadPlan): Window {
  const histogram = new Uint32Array(histogramBuckets + 1)
  const samples: ResponseSample[] = []
  let state: 'warming' | 'measuring' | 'closed' = 'warming'
  let requests = 0
  let failures = 0
  let firstFailure: string | undefined
  let worst = 0
  let startedAt = 0
  let cpuAtStart = 0
  let loadAtStart = 0
  let peakResidentBytes = 0
  const { promise: report, resolve } = Promise.withResolvers<LoadReport>()

  setTimeout(() => {
    if (state !== 'warming') return
    state = 'measuring'
    cpuAtStart = processUsage(processTree(plan.processes)).cpuSeconds
    loadAtStart = processUsage([process.pid]).cpuSeconds
    startedAt = performance.now()
    setTimeout(close, plan.measureMilliseconds)
  }, plan.warmMilliseconds)
  const residentTimer = setInterval(noteResident, residentInterval)

  function noteResident(): void {
    peakResidentBytes = Math.max(peakResidentBytes, processUsage(processTree(plan.processes)).residentBytes)
  }

  function close(): void {
    if (state === 'closed') return
    const measured = state === 'measuring'
    state = 'closed'
    if (!measured) fail('the window closed before it opened: wrong answers, too few tokens, or the server went away')
    const seconds = (performance.now() - startedAt) / 1000
    const cpuSeconds = processUsage(processTree(plan.processes)).cpuSeconds - cpuAtStart
    const loadCpuSeconds = processUsage([process.pid]).cpuSeconds - loadAtStart
    clearInterval(residentTimer)
    noteResident()
    resolve({
      requests,
      seconds,
      cpuSeconds,
      loadCpuSeconds,
      peakResidentBytes,
      latencyMicroseconds: {
        p50: percentile(histogram, requests, 0.5),
        p99: percentile(histogram, requests, 0.99),
        worst,
      },
      failures,
      ...(firstFailure === undefined ? {} : { firstFailure }),
      samples,
    })
  }

  function fail(reason: string): void {
    failures++
    firstFailure ??= reason
    if (failures >= failuresToGiveUp) close()
  }

  return {
    report,
    closed: () => state === 'closed',
    measuring: () => state === 'measuring',
    close,
    fail,
    sample: (client, body) => samples.push({ client, body }),
    count: (microseconds) => {
      if (state !== 'measuring') return
      requests++
      const bucket = Math.min(histogramBuckets, Math.floor(microseconds / bucketMicroseconds))
      histogram[bucket] = (histogram[bucket] ?? 0) + 1
      if (microseconds > worst) worst = microseconds
    },
  }
}

function percentile(histogram: Uint32Array, total: number, share: number): number {
  let seen = 0
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket] ?? 0
    if (seen >= total * share) return (bucket + 0.5) * bucketMicroseconds
  }
  return 0
}

/** The next request of a client, as bytes: the same each time, or around a token that nobody has sent before. */
type RequestSource = (client: number) => Buffer | undefined

function requestSource(plan: LoadPlan, exhausted: () => void): RequestSource {
  const clients = plan.clients
  if (plan.tokenFile === undefined) {
    const requests = clients.map(({ request }) => Buffer.from(request.before + request.after, 'latin1'))
    return (client) => requests[client]
  }
  const tokens = readFileSync(plan.tokenFile, 'latin1').trimEnd().split('\n')
  const used = clients.map((_, client) => client)
  return (client) => {
    const at = used[client] ?? 0
    used[client] = at + clients.length
    const token = tokens[at]
    const text = clients[client]?.request
    if (token === undefined || text === undefined) {
      exhausted()
      return undefined
    }
    return Buffer.from(text.before + token + text.after, 'latin1')
  }
}

/** Judges one response; `bytes` is only good during the call. */
type AnswerCheck = (
  client: number,
  status: number,
  bytes: Buffer,
  bodyStart: number,
  end: number,
  sentAt: number,
) => void

function answerCheck(plan: LoadPlan, window: Window): AnswerCheck {
  const expectedBody = plan.expectedBody === undefined ? undefined : Buffer.from(plan.expectedBody, 'latin1')
  let answers = 0
  return (client, status, bytes, bodyStart, end, sentAt) => {
    window.count((performance.now() - sentAt) * 1000)
    if (status !== plan.expectedStatus) {
      window.fail(`status ${status}: ${bytes.toString('latin1', 0, end)}`)
      return
    }
    if (expectedBody !== undefined && expectedBody.compare(bytes, bodyStart, end) !== 0) {
      window.fail(`unexpected body: ${bytes.toString('latin1', bodyStart, end)}`)
      return
    }
    if (window.measuring() && answers++ % sampleEvery === 0)
      window.sample(client, bytes.toString('latin1', bodyStart, end))
  }
}

/** One connection that asks, waits for the whole answer, and asks again. */
function keepAlive(
  plan: LoadPlan,
  index: number,
  address: Address,
  nextRequest: RequestSource,
  answered: AnswerCheck,
  closed: () => boolean,
): void {
  let client = index % plan.clients.length
  let sentAt = 0
  const ownClient = client
  const socket = open(plan, ownClient, address, ask, (bytes, bodyStart, end, status) => {
    answered(client, status, bytes, bodyStart, end, sentAt)
    // Over TLS the certificate is the connection's; behind a header every request of a connection has another.
    if (plan.tlsServerName === undefined) client = (client + plan.connections) % plan.clients.length
    if (closed()) socket.destroy()
    else ask()
  })

  function ask(): void {
    const request = nextRequest(client)
    if (request === undefined) return
    sentAt = performance.now()
    socket.write(request)
  }
}

/** A new connection, and a full handshake where there is TLS, for every request. */
function connectionPerRequest(
  plan: LoadPlan,
  index: number,
  address: Address,
  nextRequest: RequestSource,
  answered: AnswerCheck,
  closed: () => boolean,
): void {
  let client = index % plan.clients.length
  again()

  function again(): void {
    if (closed()) return
    const own = client
    client = (client + plan.connections) % plan.clients.length
    const sentAt = performance.now()
    const socket = open(
      plan,
      own,
      address,
      () => {
        const request = nextRequest(own)
        if (request !== undefined) socket.write(request)
      },
      (bytes, bodyStart, end, status) => {
        answered(own, status, bytes, bodyStart, end, sentAt)
        socket.end()
        again()
      },
    )
  }
}

/** One person's browser and his client, on a connection each: what the one brought goes on with the other. */
function converse(plan: LoadPlan, index: number, answered: AnswerCheck, window: Window): void {
  const conversation = plan.conversations?.[index]
  if (conversation === undefined) throw new Error('a conversation for each connection')
  const { steps } = conversation
  const takes = steps.map(({ take }) => (take === undefined ? undefined : new RegExp(take)))
  let { taken } = conversation
  let at = 0
  let startedAt = 0
  let opening = plan.addresses.length
  const sockets = plan.addresses.map((address) =>
    open(plan, index, address, () => (--opening === 0 ? ask() : undefined), heard),
  )

  function ask(): void {
    const step = steps[at]
    const socket = sockets[step?.address ?? 0] ?? sockets[0]
    if (step === undefined || socket === undefined) throw new Error('a conversation has steps')
    if (at === 0) startedAt = performance.now()
    const body = step.body.replace('{taken}', taken)
    const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
    socket.write(Buffer.from(`${step.head}${length}\r\n${body}`, 'latin1'))
  }

  function heard(bytes: Buffer, bodyStart: number, end: number, status: number): void {
    const found = takes[at]?.exec(bytes.toString('latin1', 0, end))?.[1]
    if (found !== undefined) taken = found
    if (at === steps.length - 1) answered(index, status, bytes, bodyStart, end, startedAt)
    else if (status !== steps[at]?.status || found === undefined)
      window.fail(`step ${at}, status ${status}: ${bytes.toString('latin1', 0, end)}`)
    at = (at + 1) % steps.length
    if (!window.closed()) ask()
    else for (const socket of sockets) socket.destroy()
  }
}

type WholeResponse = (bytes: Buffer, bodyStart: number, end: number, status: number) => void

interface LoadSocket {
  write(bytes: Buffer): unknown
  end(): unknown
  destroy(): unknown
}

const secureContexts = new Map<number, SecureContext>()

function open(
  plan: LoadPlan,
  client: number,
  address: Address,
  onOpen: () => void,
  onResponse: WholeResponse,
): LoadSocket {
  const reader = responseReader()
  const incoming = Buffer.allocUnsafe(readBytes)
  let held: Buffer | undefined
  const onread = { buffer: incoming, callback }
  const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
  const tlsOptions: ConnectionOptions & { onread: typeof onread } = {
    ...place,
    // Node's tls.connect hands this to the socket; its types do not say so.
    onread,
    servername: plan.tlsServerName ?? '',
    secureContext: secureContext(plan, client),
    // The load is no judge of the server's chain, and its time is not what is measured.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  }
  const socket =
    plan.tlsServerName === undefined
      ? connect({ ...place, noDelay: true, onread }, onOpen)
      : connectTls(tlsOptions, onOpen)
  socket.on('error', (error) => {
    process.stderr.write(`connection failed: ${error.message}\n`)
    process.exit(1)
  })
  return socket

  function callback(length: number, bytes: Uint8Array): boolean {
    const chunk = bytes === incoming ? incoming : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (held !== undefined) {
      const joined: Buffer = Buffer.concat([held, chunk.subarray(0, length)])
      held = undefined
      take(joined, joined.length)
    } else take(chunk, length)
    return true
  }

  function take(bytes: Buffer, length: number): void {
    const end = reader.responseLength(bytes, length)
    if (end === 0) held = Buffer.from(bytes.subarray(0, length))
    else if (end < length) throw new Error('more bytes than one response')
    else onResponse(bytes, reader.bodyStart, end, reader.status)
  }
}

function secureContext(plan: LoadPlan, client: number): SecureContext {
  const made = secureContexts.get(client)
  if (made !== undefined) return made
  const tls = plan.clients[client]?.tls
  const context = createSecureContext({
    ...(tls === undefined ? {} : { cert: tls.certificate, key: tls.key }),
    ...(plan.tlsGroups === undefined ? {} : { ecdhCurve: plan.tlsGroups }),
  })
  secureContexts.set(client, context)
  return context
}

function pollUntil(closed: () => boolean): void {
  setImmediate(function spin() {
    if (!closed()) setImmediate(spin)
  })
}

const histogramBuckets = 100_000
const bucketMicroseconds = 10
const residentInterval = 250
/** A prime, so that samples wander over clients and connections. */
const sampleEvery = 499
const failuresToGiveUp = 20
const readBytes = 32_768

const planFile = process.argv[2]
if (planFile === undefined) throw new Error('the load process needs the file of its plan')
const report = await main(JSON.parse(readFileSync(planFile, 'utf8')) as LoadPlan)
process.stdout.write(JSON.stringify(report) + '\n', () => process.exit(0))
