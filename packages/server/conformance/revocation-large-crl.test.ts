import assert from 'node:assert/strict'
import { createSign, randomBytes } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import type { TestCertificate } from '@holdfast/testkit'
import { issueCertificateList } from '@holdfast/x509/issue'
import { createCrlParser } from '../src/revocation/create-crl-parser.ts'
import { partnerAuthority, serialOf, startRevocationServer } from './revocation-peers.ts'

const { authority, issue } = partnerAuthority()
const good = issue()
const leaked = issue()
const revoked = issue()

const revocationDate = element(0x17, Buffer.from('260101000000Z'))
const entryLength = entry(Buffer.alloc(16, 1)).length
const madeUp = madeUpEntries(1_000_000)

test('a CRL of 100,000 entries is read beside the event loop into little memory', async (t) => {
  const der = largeCrl(100_000, [leaked])
  const parser = createCrlParser()
  t.after(() => parser.close())
  await parser.parse(Uint8Array.from(der), [authority.rootDer])
  const octets = Uint8Array.from(der)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const began = performance.now()
  const answer = await parser.parse(octets, [authority.rootDer])
  const milliseconds = performance.now() - began
  loop.disable()
  assert.ok(answer.parsed.ok)
  const [{ crl, signature } = assert.fail()] = answer.parsed.value
  assert.equal(signature, 'verified')
  assert.equal(crl.tbs, undefined)
  assert.equal(crl.revoked.count, 100_000)
  const { buckets, low, high, dates, reasons } = crl.revoked
  const kept = [buckets, low, high, dates, reasons].reduce((sum, { byteLength }) => sum + byteLength, 0)
  assert.ok(kept <= 2_000_000, `${kept} bytes`)
  t.diagnostic(`${milliseconds.toFixed(1)} ms, ${kept} bytes, longest delay ${(loop.max / 1e6).toFixed(1)} ms`)
})

test('CRLs of a million entries are taken over without holding up the event loop', async (t) => {
  const first = largeCrl(1_000_000, [leaked])
  const second = largeCrl(1_000_000, [leaked, revoked], 60)
  const { token, directory, logged } = await startRevocationServer(t, authority, (folder) => {
    writeFileSync(join(folder, 'partners.crl'), first)
    return { crl: ['partners.crl'], 'max-crl-bytes': 100_000_000 }
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  assert.equal((await token(leaked)).reason, 'certificate_revoked')
  assert.equal((await token(revoked)).status, 200)
  writeFileSync(join(directory, 'new.crl'), second)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  await new Promise((resolve) => setTimeout(resolve, 200))
  loop.enable()
  const turns = watchTurns()
  renameSync(join(directory, 'new.crl'), join(directory, 'partners.crl'))
  const began = performance.now()
  const next = await token(revoked, { agent })
  const milliseconds = performance.now() - began
  loop.disable()
  const longest = turns.longest()
  assert.equal(next.reason, 'certificate_revoked', 'the next request already knows')
  assert.equal((await token(good, { agent })).status, 200)
  await logged(({ event, entries }) => event === 'revocation_loaded' && entries === 1_000_001)
  const delay = (loop.max / 1e6).toFixed(1)
  t.diagnostic(
    `${first.length} bytes: taken over in ${milliseconds.toFixed(0)} ms, longest delay ${delay} ms, of which ${longest.toFixed(1)} ms were ours`,
  )
  assert.ok(longest < 50, `${longest} ms`)
})

/** The most that this thread computed between two chances for others: what neighbours on a busy machine take is not in it. */
function watchTurns(): { longest(): number } {
  const own = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let before = own()
  let longest = 0
  const turn = (): void => {
    const now = own()
    longest = Math.max(longest, now - before)
    before = now
  }
  const timer = setInterval(turn, 1)
  return {
    longest: () => {
      clearInterval(timer)
      turn()
      return longest
    },
  }
}

/** A CRL with these certificates and so many entries, written by hand: a template of a million would take a while. */
function largeCrl(count: number, certificates: readonly TestCertificate[], later = 0): Buffer {
  const now = Math.floor(Date.now() / 1000) + later - 120
  const template = { thisUpdate: now, nextUpdate: now + 86_400, number: 1 + later, revoked: [] }
  const entries = certificates.map((certificate) => entry(Buffer.from(serialOf(certificate), 'hex')))
  const others = madeUp.subarray(0, (count - 1) * entryLength)
  const signer = { privateKey: authority.root.key, issuer: authority.root.subject }
  const model = Buffer.from(issueCertificateList(template, signer))
  const tbs = contentOf(model).content
  const head = contentOf(tbs)
  const parts = elementsOf(head.content)
  // version, signature, issuer, thisUpdate, nextUpdate, extensions
  const listed = element(
    0x30,
    Buffer.concat([...parts.slice(0, 5), element(0x30, Buffer.concat([...entries, others])), ...parts.slice(5)]),
  )
  const signature = createSign('sha256').update(listed).sign(authority.root.key)
  const bits = element(0x03, Buffer.concat([Buffer.from([0]), signature]))
  return element(0x30, Buffer.concat([listed, parts[1] ?? Buffer.alloc(0), bits]))
}

/** Entries of one length: a positive serial number of 16 octets and a date. */
function madeUpEntries(count: number): Buffer {
  const model = entry(Buffer.alloc(16, 0x11))
  const entries = Buffer.alloc(count * entryLength, model)
  const serialAt = model.indexOf(0x11)
  const numbers = randomBytes(count * 12)
  for (let at = 0; at < count; at++) numbers.copy(entries, at * entryLength + serialAt + 4, at * 12, at * 12 + 12)
  return entries
}

function entry(serial: Buffer): Buffer {
  return element(0x30, Buffer.concat([element(0x02, serial), revocationDate]))
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content])
  const octets = Buffer.from(length.toString(16).padStart(8, '0'), 'hex')
  const size = octets.subarray(octets.findIndex((octet) => octet !== 0))
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content])
}

function contentOf(der: Buffer): { readonly content: Buffer; readonly total: number } {
  const first = der[1] ?? 0
  const size = first < 128 ? 0 : first & 0x7f
  const length = size === 0 ? first : der.readUIntBE(2, size)
  return { content: der.subarray(2 + size, 2 + size + length), total: 2 + size + length }
}

function elementsOf(content: Buffer): readonly Buffer[] {
  const elements: Buffer[] = []
  for (let at = 0; at < content.length;) {
    const { total } = contentOf(content.subarray(at))
    elements.push(content.subarray(at, at + total))
    at += total
  }
  return elements
}
