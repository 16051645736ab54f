/**
 * Random chains full of policies, mappings and their constraints, judged here (RFC 9618) and by `openssl verify -policy_check`.
 *
 * `HOLDFAST_POLICY_CHAINS` sets the number of chains (default 40), `HOLDFAST_POLICY_SEED` repeats a run.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { spkiOf, temporaryDirectory } from '@holdfast/testkit'
import { type Certificate, createAnchorSet, encodePem, parseCertificate, validatePath } from '@holdfast/x509'
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  type ExtensionTemplate,
  inhibitAnyPolicyExtension,
  issueCertificate,
  keyIdentifierOf,
  keyUsageExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509/issue'

const chains = Number(process.env['HOLDFAST_POLICY_CHAINS'] ?? 40)
const seed = Number(process.env['HOLDFAST_POLICY_SEED'] ?? Date.now() % 2 ** 31)
const skip = spawnSync('openssl', ['version']).status !== 0 ? 'openssl is not on this machine' : false
const now = 1_800_000_000
const keys = Array.from({ length: 6 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const DOMAINS = ['1.2.3.1', '1.2.3.2', '1.2.3.3'] as const

test(`random policies get the verdict that openssl verify -policy_check gives (seed ${seed})`, { skip }, async (t) => {
  const directory = await temporaryDirectory(t)
  const random = generator(seed)
  const exceptions = (
    JSON.parse(readFileSync(new URL('./exceptions.json', import.meta.url), 'utf8')) as readonly Exception[]
  ).filter(({ suite }) => suite === 'openssl-policies')
  const different: string[] = []
  let accepted = 0
  for (let count = 0; count < chains; count++) {
    const chain = randomChain(random)
    const settings = randomSettings(random)
    const ours = verdict(chain, settings)
    const theirs = opensslVerdict(directory, chain, settings)
    if (ours === 'accepted') accepted++
    if ((ours === 'accepted') === (theirs === 'OK')) continue
    const id = [ours, theirs, ...(mapsInhibitedAnyPolicy(chain, settings) ? ['mapping of an inhibited anyPolicy'] : [])]
    if (exceptions.some((exception) => exception.id === id.join(' | '))) continue
    different.push(`chain ${count}: ${ours}, ${theirs}, ${JSON.stringify(settings)}\n${chain.said.join('\n')}`)
  }
  assert.deepEqual(different, [], `seed ${seed}\n${different.join('\n\n')}`)
  assert.ok(accepted > chains / 20 && accepted < (chains * 19) / 20, `${accepted} of ${chains} accepted`)
})

interface KeyPair {
  readonly privateKey: KeyObject
}

interface Chain {
  /** The root first, the leaf last. */
  readonly certificates: readonly Uint8Array[]
  readonly said: readonly string[]
}

interface Settings {
  readonly policies: readonly string[] | undefined
  readonly explicitPolicy: 'required' | 'not_required'
  readonly policyMapping: 'inhibited' | 'allowed'
  readonly anyPolicy: 'inhibited' | 'allowed'
}

interface Exception {
  readonly suite: string
  /** Our reason, OpenSSL's message, and what is special about the chain. */
  readonly id: string
}

/** Whether a CA maps policies and names anyPolicy, which counts for nothing where it stands. RFC 5280 §6.1.4 (b). */
function mapsInhibitedAnyPolicy({ certificates }: Chain, { anyPolicy }: Settings): boolean {
  let allowed = anyPolicy === 'inhibited' ? 0 : Infinity
  for (const certificate of certificates.slice(1, -1).map(read)) {
    const named = certificate.certificatePolicies?.includes('2.5.29.32.0') === true
    if (allowed === 0 && named && certificate.policyMappings !== undefined) return true
    if (certificate.issuer.canonical !== certificate.subject.canonical) allowed = Math.max(0, allowed - 1)
    allowed = Math.min(allowed, certificate.inhibitAnyPolicy ?? Infinity)
  }
  return false
}

function randomSettings(random: (below: number) => number): Settings {
  return {
    policies: random(2) === 0 ? undefined : DOMAINS.filter(() => random(2) === 0).concat('1.2.3.1'),
    explicitPolicy: random(3) > 0 ? 'required' : 'not_required',
    policyMapping: random(5) === 0 ? 'inhibited' : 'allowed',
    anyPolicy: random(5) === 0 ? 'inhibited' : 'allowed',
  }
}

function randomChain(random: (below: number) => number): Chain {
  const said: string[] = ['root']
  let issuer = { name: 'CN=0', key: keys[0]! }
  const root = issued('CN=0', keys[0]!, issuer.name, keys[0]!, authorityExtensions)
  const certificates = [root]
  const depth = 1 + random(3)
  for (let level = 1; level <= depth; level++) {
    // A CA that certifies a new key of its own does not count.
    const name = level > 1 && random(5) === 0 ? issuer.name : `CN=${level}`
    const policies = randomPolicies(random, 'authority')
    certificates.push(
      issued(name, keys[level]!, issuer.name, issuer.key, [...authorityExtensions, ...policies.extensions]),
    )
    said.push(`${name}: ${policies.said}`)
    issuer = { name, key: keys[level]! }
  }
  const policies = randomPolicies(random, 'leaf')
  certificates.push(
    issued('CN=leaf', keys[5]!, issuer.name, issuer.key, [
      keyUsageExtension(['digitalSignature']),
      ...policies.extensions,
    ]),
  )
  return { certificates, said: [...said, `leaf: ${policies.said}`] }
}

function randomPolicies(
  random: (below: number) => number,
  what: 'authority' | 'leaf',
): { readonly extensions: readonly ExtensionTemplate[]; readonly said: string } {
  const extensions: ExtensionTemplate[] = []
  const said: string[] = []
  const policies: string[] = DOMAINS.filter(() => random(2) === 0)
  if (random(3) === 0) policies.push('2.5.29.32.0')
  if (policies.length > 0) {
    extensions.push(certificatePoliciesExtension(policies.map((oid) => ({ oid }))))
    said.push(policies.join('+'))
  }
  if (what === 'authority' && random(3) === 0) {
    const pairs = new Set(Array.from({ length: 1 + random(2) }, () => `${DOMAINS[random(3)]} ${DOMAINS[random(3)]}`))
    const mappings = [...pairs].map((pair) => {
      const [issuerDomain = '', subjectDomain = ''] = pair.split(' ')
      return { issuerDomain, subjectDomain }
    })
    extensions.push(policyMappingsExtension(mappings))
    said.push(`maps ${[...pairs].join(', ')}`)
  }
  if (random(4) === 0) {
    const constraints = {
      ...(random(2) === 0 ? { requireExplicitPolicy: random(3) } : {}),
      ...(random(2) === 0 ? { inhibitPolicyMapping: random(3) } : {}),
    }
    if (Object.keys(constraints).length > 0) {
      extensions.push(policyConstraintsExtension(constraints))
      said.push(JSON.stringify(constraints))
    }
  }
  if (random(5) === 0) {
    const skipped = random(3)
    extensions.push(inhibitAnyPolicyExtension(skipped))
    said.push(`inhibits any policy after ${skipped}`)
  }
  return { extensions, said: said.join('; ') }
}

const authorityExtensions: readonly ExtensionTemplate[] = [
  basicConstraintsExtension({ ca: true }),
  keyUsageExtension(['keyCertSign']),
]

let serial = 0

function issued(
  subject: string,
  key: KeyPair,
  issuer: string,
  issuerKey: KeyPair,
  extensions: readonly ExtensionTemplate[],
): Uint8Array {
  const name = (text: string) => [{ type: 'CN', value: text.slice(3) }] as const
  return issueCertificate(
    {
      serialNumber: Uint8Array.of(1, ++serial >> 16, (serial >> 8) & 0xff, serial & 0xff),
      subject: name(subject),
      notBefore: now - 10,
      notAfter: now + 10,
      publicKey: spkiOf(key.privateKey),
      extensions: [
        // OpenSSL tells namesakes by them.
        subjectKeyIdentifierExtension(keyIdentifierOf(spkiOf(key.privateKey))),
        authorityKeyIdentifierExtension({ keyIdentifier: keyIdentifierOf(spkiOf(issuerKey.privateKey)) }),
        ...extensions,
      ],
    },
    { privateKey: issuerKey.privateKey, issuer: name(issuer) },
  )
}

function verdict({ certificates }: Chain, settings: Settings): string {
  const { policies, ...modes } = settings
  const anchors = createAnchorSet({
    name: 'policies',
    anchors: [certificates[0]!],
    maximumIntermediates: 8,
    ...modes,
    ...(policies === undefined ? {} : { policies }),
  })
  assert.ok(anchors.ok)
  const result = validatePath(read(certificates.at(-1)!), certificates.slice(1, -1).map(read), anchors.value, { now })
  return result.ok ? 'accepted' : result.failure.reason
}

function opensslVerdict(directory: string, { certificates }: Chain, settings: Settings): string {
  const write = (name: string, list: readonly Uint8Array[]): void =>
    writeFileSync(join(directory, name), list.map((der) => encodePem(der, 'CERTIFICATE')).join('\n'))
  write('root.pem', certificates.slice(0, 1))
  write('pool.pem', certificates.slice(1, -1))
  write('leaf.pem', certificates.slice(-1))
  const wanted = (settings.policies ?? ['2.5.29.32.0']).flatMap((policy) => ['-policy', policy])
  const { stdout, stderr } = spawnSync(
    'openssl',
    [
      'verify',
      '-policy_check',
      ...wanted,
      ...(settings.explicitPolicy === 'required' ? ['-explicit_policy'] : []),
      ...(settings.policyMapping === 'inhibited' ? ['-inhibit_map'] : []),
      ...(settings.anyPolicy === 'inhibited' ? ['-inhibit_any'] : []),
      ...[
        '-attime',
        String(now),
        '-no-CApath',
        '-no-CAstore',
        '-trusted',
        'root.pem',
        '-untrusted',
        'pool.pem',
        'leaf.pem',
      ],
    ],
    { cwd: directory, encoding: 'utf8' },
  )
  return stdout.includes('leaf.pem: OK') ? 'OK' : (/lookup: (.*)/.exec(stderr)?.[1] ?? stderr)
}

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}

/** A small generator with a seed, so that a find can be repeated. */
function generator(from: number): (below: number) => number {
  let state = from | 1
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}
