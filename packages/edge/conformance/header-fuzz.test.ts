import assert from 'node:assert/strict'
import test from 'node:test'
import { certificateHeaderSettings } from '../src/certificate-header-settings.ts'
import { certificateHeaderPresets } from '../src/header/certificate-header-preset.ts'
import type { CertificateHeaderPresetName } from '../src/header/certificate-header-preset.ts'
import { certificateHeaderReader } from '../src/header/certificate-header-reader.ts'
import { derElementLength } from '../src/header/der-element-length.ts'
import { headerText, headerVectors } from './header-vectors.ts'

/** HOLDFAST_FUZZ=1000000 is the long run; HOLDFAST_FUZZ_SEED repeats one. */
const values = Number(process.env['HOLDFAST_FUZZ'] ?? 30_000)
const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? Date.now() % 0x7fffffff) || 1
const { presets } = headerVectors()
const signs = [
  '+',
  '/',
  '=',
  '%',
  '%2',
  '%2B',
  ',',
  ';',
  ':',
  '"',
  '\\',
  ' ',
  '\t',
  '\n',
  '\0',
  '\xff',
  '-',
  'Cert=',
  'Chain=',
  '-----',
  'A',
  '',
]

test(`no value of ${values} makes a decoder throw, take long or answer what is no certificate`, (t) => {
  t.diagnostic(`HOLDFAST_FUZZ_SEED=${seed}`)
  const random = xorshift(seed)
  const corpus = Object.values(presets).flatMap((cases) =>
    cases.flatMap(({ lines }) => lines.map(([, value]) => headerText(value))).filter((text) => text.length < 10_000),
  )
  const readers = distinctReaders()
  let taken = 0
  for (let index = 0; index < values; index++) {
    const reader = readers[index % readers.length]
    const own = reader?.own ?? []
    const from = random(4) === 0 ? corpus : own.length === 0 ? corpus : own
    const text = mutated(from[random(from.length)] ?? '', corpus[random(corpus.length)] ?? '', random)
    const chain = random(8) === 0 ? corpus[random(corpus.length)] : undefined
    // In its own work, not on the clock: a busy machine may stop us for a second.
    const before = process.cpuUsage().user
    const reading = reader?.reader.read({ certificate: text, chain, verdict: undefined })
    assert.ok(process.cpuUsage().user - before < 1_000_000, `seed ${seed}, value ${index}: slow`)
    if (reading?.ok !== true || reading.value.certificate === undefined) continue
    taken++
    const { der, chain: more } = reading.value.certificate
    for (const one of [der, ...more]) assert.equal(derElementLength(one, 0), one.length, `seed ${seed}, value ${index}`)
    assert.ok(more.length < 5)
  }
  assert.ok(taken > values / 1000, `only ${taken} were taken: the fuzzer does not come near the formats`)
  assert.ok(taken < values, 'nothing was refused')
})

/** One reader for each decoder, with the values that its presets send. */
function distinctReaders() {
  const byDecoder = new Map<string, { reader: ReturnType<typeof certificateHeaderReader>; own: readonly string[] }>()
  for (const [name, preset] of Object.entries(certificateHeaderPresets)) {
    const key = `${preset.decoder} ${preset.chainDecoder ?? ''}`
    const own = (presets[name] ?? []).flatMap(({ lines }) => lines.map(([, value]) => headerText(value)))
    const settings = certificateHeaderSettings({ from: name as CertificateHeaderPresetName }, '')
    if (!byDecoder.has(key))
      byDecoder.set(key, { reader: certificateHeaderReader(settings), own: own.filter((text) => text.length < 10_000) })
  }
  return [...byDecoder.values()]
}

function mutated(text: string, other: string, random: (below: number) => number): string {
  let value = text
  for (let times = random(4); times > 0; times--) {
    const at = random(value.length + 1)
    const length = random(random(8) === 0 ? value.length + 1 : 6)
    switch (random(7)) {
      case 0:
        value = value.slice(0, at) + (signs[random(signs.length)] ?? '') + value.slice(at)
        break
      case 1:
        value = value.slice(0, at) + value.slice(at + length)
        break
      case 2:
        value = value.slice(0, at) + String.fromCharCode(random(256)) + value.slice(at + 1)
        break
      case 3:
        value = value.slice(0, at) + value.slice(at, at + length).repeat(2) + value.slice(at + length)
        break
      case 4:
        value = value.slice(0, at) + other.slice(random(other.length + 1))
        break
      case 5:
        value = value.slice(0, at) + (signs[random(signs.length)] ?? '') + value.slice(at + length)
        break
      case 6:
        value = random(2) === 0 ? `${value},${other}` : encodeURIComponent(value.replace(/[\ud800-\udfff]/g, ''))
        break
    }
    if (value.length > 70_000) value = value.slice(0, 70_000)
  }
  return value
}

function xorshift(start: number): (below: number) => number {
  let state = start | 0
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return below <= 0 ? 0 : (state >>> 0) % below
  }
}
