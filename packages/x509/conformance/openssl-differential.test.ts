/**
 * Random chains, judged here and by `openssl verify`: where the two differ, `exceptions.json` must say why.
 *
 * `HOLDFAST_DIFFERENTIAL` sets the number of leaves (default 200), `HOLDFAST_DIFFERENTIAL_SEED` repeats a run.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  createTestAuthority,
  type TestCertificate,
  type TestCertificateOptions,
  temporaryDirectory,
} from '@holdfast/testkit'
import { type Certificate, createAnchorSet, parseCertificate, validatePath } from '@holdfast/x509'
import {
  type ExtensionTemplate,
  extendedKeyUsageExtension,
  type GeneralNameTemplate,
  nameConstraintsExtension,
  subjectAltNameExtension,
} from '@holdfast/x509/issue'

const leaves = Number(process.env['HOLDFAST_DIFFERENTIAL'] ?? 200)
const seed = Number(process.env['HOLDFAST_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31)
const skip = spawnSync('openssl', ['version']).status !== 0 ? 'openssl is not on this machine' : false
const now = 1_800_000_000

interface Difference {
  readonly suite: string
  /** Our reason or `accepted`, OpenSSL's message or `OK`, and what is special about the chain. */
  readonly id: string
  readonly reason: string
}

test(
  `random chains get the verdict that openssl verify gives, or an exception says why not (seed ${seed})`,
  { skip },
  async (t) => {
    const directory = await temporaryDirectory(t)
    const exceptions = (
      JSON.parse(readFileSync(new URL('./exceptions.json', import.meta.url), 'utf8')) as readonly Difference[]
    ).filter(({ suite }) => suite === 'openssl')
    const random = generator(seed)
    const unexplained = new Map<string, string>()
    let accepted = 0
    for (let done = 0; done < leaves; done += LEAVES_PER_CHAIN) {
      const chain = randomChain(random)
      const theirs = opensslVerdicts(directory, chain)
      for (const [index, leaf] of chain.leaves.entries()) {
        const ours = verdict(leaf, chain)
        if (ours === 'accepted') accepted++
        if ((ours === 'accepted') === (theirs[index] === 'OK')) continue
        const id = [ours, theirs[index], ...circumstances(leaf, chain)].join(' | ')
        if (!exceptions.some((exception) => exception.id === id))
          unexplained.set(id, [leaf, ...chain.intermediates, chain.root].map(({ pem }) => pem).join(''))
      }
    }
    assert.deepEqual([...unexplained.keys()], [], [...unexplained].map(([id, pems]) => `${id}\n${pems}`).join('\n'))
    assert.ok(
      accepted > leaves / 20 && accepted < (leaves * 19) / 20,
      `${accepted} of ${leaves} accepted: the generator is one-sided`,
    )
  },
)

interface Chain {
  readonly root: TestCertificate
  readonly intermediates: readonly TestCertificate[]
  readonly leaves: readonly TestCertificate[]
}

function randomChain(random: (below: number) => number): Chain {
  const depth = random(3)
  const authority = createTestAuthority({
    intermediate: depth === 0 ? 'no' : 'yes',
    rootOptions: authorityOptions(random),
    intermediateOptions: authorityOptions(random),
  })
  const below = depth === 2 ? authority.issueAuthority(authorityOptions(random)) : authority
  const intermediates = [
    authority.intermediate,
    depth === 2 ? (below as ReturnType<typeof authority.issueAuthority>).certificate : undefined,
  ]
  return {
    root: authority.root,
    intermediates: intermediates.filter((one) => one !== undefined),
    leaves: Array.from({ length: LEAVES_PER_CHAIN }, () => below.issue(leafOptions(random))),
  }
}

/** Mostly good, and now and then wrong in one of the ways that validators disagree about. */
function authorityOptions(random: (below: number) => number): TestCertificateOptions {
  const extensions: ExtensionTemplate[] = []
  if (random(3) === 0) extensions.push(randomConstraints(random))
  if (random(6) === 0)
    extensions.push(extendedKeyUsageExtension([pick(random, ['clientAuth', 'serverAuth', '2.5.29.37.0'] as const)]))
  return {
    ca: random(4) === 0 ? { pathLength: random(3) } : {},
    extensions,
    ...(random(12) === 0 ? { notAfter: now - 1 } : {}),
    ...(random(12) === 0 ? { keyUsage: ['cRLSign'] as const } : {}),
  }
}

function leafOptions(random: (below: number) => number): TestCertificateOptions {
  const extensions: ExtensionTemplate[] = []
  if (random(5) > 0)
    extensions.push(subjectAltNameExtension(Array.from({ length: 1 + random(3) }, () => randomName(random))))
  if (random(20) === 0) extensions.push({ oid: '1.2.3.4', critical: random(2) === 0, value: Uint8Array.of(5, 0) })
  return {
    extensions,
    subject: pick(random, ['CN=leaf,O=A', 'CN=leaf,OU=x,O=a', 'CN=leaf,O=B', 'emailAddress=a@example.com,CN=leaf']),
    eku: pick(random, [
      ['clientAuth'],
      ['clientAuth'],
      ['clientAuth'],
      ['clientAuth', 'serverAuth'],
      ['serverAuth'],
      ['2.5.29.37.0'],
      [],
    ] as const),
    ...(random(15) === 0 ? { notBefore: now + 1 } : {}),
    ...(random(15) === 0 ? { notAfter: now - 1 } : {}),
    ...(random(10) === 0 ? { keyUsage: pick(random, [['keyEncipherment'], ['keyAgreement'], []] as const) } : {}),
  }
}

function randomConstraints(random: (below: number) => number): ExtensionTemplate {
  const names = (): GeneralNameTemplate[] => Array.from({ length: 1 + random(3) }, () => randomBase(random))
  const kind = random(3)
  return nameConstraintsExtension({
    ...(kind < 2 ? { permitted: names() } : {}),
    ...(kind > 0 ? { excluded: names() } : {}),
  })
}

function randomBase(random: (below: number) => number): GeneralNameTemplate {
  const domain = pick(random, ['example.com', 'a.example.com', 'EXAMPLE.org', 'other.example'])
  switch (random(5)) {
    case 0:
      return { kind: 'ip', address: Uint8Array.of(192, 0, random(3), 0, 255, 255, pick(random, [0, 255]), 0) }
    case 1:
      return { kind: 'email', email: pick(random, [domain, `.${domain}`, `a@${domain}`]) }
    case 2:
      return { kind: 'uri', uri: pick(random, [domain, `.${domain}`]) }
    case 3:
      return { kind: 'directory', name: [{ type: 'O', value: pick(random, ['A', 'B']) }] }
    default:
      return { kind: 'dns', name: domain }
  }
}

function randomName(random: (below: number) => number): GeneralNameTemplate {
  const host = pick(random, [
    'example.com',
    'a.example.com',
    'b.a.example.com',
    'example.org',
    'host.Example.ORG',
    'x.other.example',
    'elsewhere.test',
  ])
  switch (random(5)) {
    case 0:
      return { kind: 'ip', address: Uint8Array.of(192, 0, random(3), random(256)) }
    case 1:
      return { kind: 'email', email: `${pick(random, ['a', 'A', 'b'])}@${host}` }
    case 2:
      return { kind: 'uri', uri: `https://${host}/x` }
    default:
      return { kind: 'dns', name: host }
  }
}

function verdict(leaf: TestCertificate, chain: Chain): string {
  // An anchor that this package does not load ends every chain: OpenSSL loads all and judges later.
  const anchors = createAnchorSet({ name: 'differential', anchors: [chain.root.der] })
  if (!anchors.ok) return anchors.failure.reason
  const result = validatePath(read(leaf), chain.intermediates.map(read), anchors.value, { now })
  return result.ok ? 'accepted' : result.failure.reason
}

/** What narrows an exception down to the chains that it is about. */
function circumstances(leaf: TestCertificate, chain: Chain): readonly string[] {
  const isAny = (usage: readonly string[] | undefined): boolean => usage?.includes('2.5.29.37.0') === true
  const ofAnchor = read(chain.root).extendedKeyUsage
  return [
    ...([leaf, ...chain.intermediates].some((one) => isAny(read(one).extendedKeyUsage)) ? ['any purpose'] : []),
    ...(ofAnchor === undefined || ofAnchor.includes('1.3.6.1.5.5.7.3.2') ? [] : ['purpose of the anchor']),
  ]
}

/** `OK`, or the first error of each leaf. */
function opensslVerdicts(directory: string, chain: Chain): readonly string[] {
  const files = chain.leaves.map((leaf, index) => {
    writeFileSync(join(directory, `${index}.pem`), leaf.pem)
    return `${index}.pem`
  })
  writeFileSync(join(directory, 'root.pem'), chain.root.pem)
  writeFileSync(join(directory, 'pool.pem'), chain.intermediates.map(({ pem }) => pem).join(''))
  const pool = chain.intermediates.length === 0 ? [] : ['-untrusted', 'pool.pem']
  const run = spawnSync(
    'openssl',
    [
      'verify',
      '-purpose',
      'sslclient',
      '-attime',
      String(now),
      '-no-CApath',
      '-no-CAstore',
      '-trusted',
      'root.pem',
      ...pool,
      ...files,
    ],
    { cwd: directory, encoding: 'utf8' },
  )
  return files.map((file) => {
    if (run.stdout.includes(`${file}: OK`)) return 'OK'
    const end = run.stderr.indexOf(`error ${file}: verification failed`)
    assert.notEqual(end, -1, run.stderr)
    const before = run.stderr.slice(0, end)
    const block = before.slice(before.lastIndexOf('verification failed') + 1)
    return /error \d+ at \d+ depth lookup: (.*)/.exec(block)?.[1] ?? block
  })
}

function pick<Item>(random: (below: number) => number, items: readonly Item[]): Item {
  return items[random(items.length)]!
}

/** A small generator with a seed, so that a find can be repeated. */
function generator(from: number): (below: number) => number {
  let state = from | 1
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}

function read({ der }: TestCertificate): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}

const LEAVES_PER_CHAIN = 10
