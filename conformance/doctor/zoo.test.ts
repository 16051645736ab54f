import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { realPart } from '../black-box/real-part.ts'
import type { Animal } from './animal.ts'
import { type Backend, mainName, startBackend } from './backend.ts'
import { runDoctor } from './run-doctor.ts'
import { startAnimal } from './start-animal.ts'
import { apacheFaults } from './zoo/apache.ts'
import { caddyFaults } from './zoo/caddy.ts'
import { edgeFaults } from './zoo/edge.ts'
import { good } from './zoo/good.ts'
import { haproxyFaults } from './zoo/haproxy.ts'
import { nginxFaults } from './zoo/nginx.ts'
import { nginxAnswerFaults } from './zoo/nginx-answers.ts'
import { nginxRoadFaults } from './zoo/nginx-roads.ts'
import { goodTokens, tokenFaults } from './zoo/tokens.ts'

interface Report {
  readonly terminator: string
  readonly outcome: string
  readonly checks: readonly { readonly number: number; readonly outcome: string; readonly said: string }[]
  readonly findings: readonly {
    readonly cause: string
    readonly severity: string
    readonly what: string
    readonly mend: { readonly text: string; readonly lines?: readonly string[] }
  }[]
}

const faults = [
  ...nginxFaults,
  ...nginxRoadFaults,
  ...nginxAnswerFaults,
  ...haproxyFaults,
  ...apacheFaults,
  ...caddyFaults,
  ...edgeFaults,
  ...tokenFaults,
]
const undo: (() => unknown)[] = []
let backend: Backend

before(async () => {
  // What lives as long as the file is ended after it.
  backend = await startBackend({ after: (step: () => unknown) => void undo.push(step) } as unknown as TestContext)
  await writeFile(
    join(backend.folder, 'path-style.json'),
    JSON.stringify({
      issuer: `https://${mainName}`,
      token_endpoint: `https://${mainName}/token`,
      mtls_endpoint_aliases: { token_endpoint: `https://${mainName}/mtls/token` },
    }),
  )
})
after(async () => {
  for (const step of undo.toReversed()) await step()
})

test('the zoo has at least 25 deployments that are broken in different ways', () => {
  assert.ok(faults.length >= 25)
  assert.ok(new Set(faults.flatMap(({ causes }) => causes)).size >= 25)
})

describe('the doctor names exactly the cause of what is broken', { concurrency: atOnce() }, () => {
  for (const animal of faults)
    test(`${animal.base}: ${animal.name}`, async (t) => {
      const seen = await examined(t, animal)
      if (seen === undefined) return
      const { report, code } = seen
      assert.deepEqual(causes(report), animal.causes.toSorted(), JSON.stringify(report, null, 1))
      assert.equal(code, 1)
      assert.equal(report.terminator, terminatorOf(animal), animal.name)
      if (animal.says !== undefined) {
        const texts = report.findings.map(({ what, mend }) => [what, mend.text, ...(mend.lines ?? [])].join('\n'))
        assert.match(texts.join('\n'), animal.says)
      }
    })
})

describe('the doctor is silent where nothing is wrong', { concurrency: atOnce() }, () => {
  for (const animal of [...good, ...goodTokens])
    test(animal.name, async (t) => {
      const seen = await examined(t, animal)
      if (seen === undefined) return
      const { report, code } = seen
      assert.deepEqual(causes(report), [], JSON.stringify(report, null, 1))
      assert.deepEqual(
        report.checks.filter(({ outcome }) => outcome === 'unknown'),
        [],
      )
      assert.equal(report.outcome, 'good')
      assert.equal(code, 0)
      assert.equal(report.terminator, terminatorOf(animal), animal.name)
    })
})

describe('without the token', { concurrency: atOnce() }, () => {
  test('the doctor says what it could not see, and neither good nor bad', async (t) => {
    const seen = await examined(t, { name: 'nginx', base: 'nginx', causes: [] }, 'without_token')
    if (seen === undefined) return
    assert.deepEqual(causes(seen.report), [])
    assert.equal(seen.report.outcome, 'unknown')
    assert.equal(seen.code, 3)
    assert.ok(seen.report.checks.some(({ number, outcome }) => number === 7 && outcome === 'unknown'))
  })

  test('where the certificate host alone does not know it, the doctor says so', async (t) => {
    const changes = [
      {
        site: 'mtls',
        from: 'proxy_http_version 1.1;',
        to: 'proxy_http_version 1.1; proxy_set_header Authorization "";',
      },
    ] as const
    const seen = await examined(t, { name: 'Authorization is lost', base: 'nginx', changes, causes: [] })
    if (seen === undefined) return
    assert.equal(seen.code, 3)
    assert.match(seen.stderr, /mtls\.login\.example\.com does not know the token that login\.example\.com knows/)
  })

  for (const name of [
    'the block for people does not clear the header',
    'certificates are required',
    'no 421 on the host for people',
    'the error pages of the house replace the errors of the server',
    'only GET is let through',
    'a location for the token endpoint alone loses the lines that clear',
  ])
    test(`it finds: ${name}`, async (t) => {
      const animal = [...nginxFaults, ...nginxAnswerFaults, ...nginxRoadFaults].find((one) => one.name === name)
      assert.ok(animal)
      const seen = await examined(t, animal, 'without_token')
      if (seen === undefined) return
      assert.deepEqual(causes(seen.report), animal.causes)
      assert.equal(seen.code, 1)
    })
})

async function examined(
  t: TestContext,
  animal: Animal,
  token: 'with_token' | 'without_token' = 'with_token',
): Promise<{ readonly report: Report; readonly code: number | null; readonly stderr: string } | undefined> {
  const part = {
    apache: 'apache2',
    'nginx-passthrough': 'nginx with stream',
    'haproxy-passthrough': 'haproxy',
  } as const
  const name = animal.base in part ? part[animal.base as keyof typeof part] : animal.base
  if (animal.base !== 'holdfast' && animal.base !== 'edge' && !realPart(t, name)) return undefined
  const { port, plainPort } = await startAnimal(t, animal, backend)
  const ran = await runDoctor([
    ...[`https://${mainName}`, '--connect', `127.0.0.1:${port}`, '--ca', backend.ca, '--json'],
    ...(token === 'with_token' ? ['--token-file', backend.tokenFile] : []),
    ...(animal.args?.({ folder: backend.folder, trusting: backend.trustingPort, plain: plainPort, port }) ?? []),
  ])
  assert.ok(ran.code !== 2 && ran.stdout.startsWith('{'), `${animal.name}: ${ran.stderr}`)
  return { report: JSON.parse(ran.stdout) as Report, code: ran.code, stderr: ran.stderr }
}

/** Behind a proxy that passes TLS through, Holdfast is what one meets. */
function terminatorOf({ base }: Animal): string {
  return base === 'edge' || base.endsWith('-passthrough') ? 'holdfast' : base
}

function causes({ findings }: Report): readonly string[] {
  return [...new Set(findings.filter(({ severity }) => severity !== 'note').map(({ cause }) => cause))].toSorted()
}

/** The program waits for the network and for certificates to end: more at once than there are cores. */
function atOnce(): number {
  return 8
}
