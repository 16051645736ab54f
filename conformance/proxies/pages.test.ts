import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { certificateHeaderPresets } from '@holdfast/edge'
import { proxyConfigPresets } from '@holdfast/proxy-config'
import { type Cause, whyItMatters } from '../../packages/cli/src/doctor/cause.ts'
import { mendOf } from '../../packages/cli/src/doctor/mend.ts'
import type { TerminatorName } from '../../packages/cli/src/doctor/recognise-terminator.ts'
import { createTerminal } from '../../packages/cli/src/terminal.ts'
import { printProxyConfig } from '../../packages/cli/src/proxy-config/proxy-config-command.ts'

/**
 * What can be computed on each page of docs/terminators is computed: the configuration that the command makes of the holdfast.yaml on
 * the same page, the format of the header, the words of the doctor.
 * `node --conditions=holdfast-source conformance/proxies/pages.test.ts --update` rewrites the pages.
 */
const pages = resolve(import.meta.dirname, '../../docs/terminators')
const update = process.argv.includes('--update')
const configuration = /(<!-- holdfast proxy-config ([a-z0-9-]+) -->\n```[a-z]*\n)([\s\S]*?)(```)/
const header = /(<!-- holdfast header ([a-z0-9-]+) -->\n)([\s\S]*?)(<!-- end -->)/
const doctor = /(<!-- holdfast doctor ([a-z0-9-]+) -->\n)([\s\S]*?)(<!-- end -->)/

test('every page of a terminator shows what holdfast makes of its holdfast.yaml, reads, and says', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-page-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  for (const name of await pageNames()) {
    const text = await readFile(join(pages, name), 'utf8')
    const yaml = /```yaml\n([\s\S]*?)```/.exec(text)?.[1]
    const preset = configuration.exec(text)?.[2]
    assert.ok(yaml !== undefined && preset !== undefined, `${name} has a holdfast.yaml and names a preset`)
    const file = join(folder, `${name}.yaml`)
    await writeFile(file, yaml)
    const printed = proxyConfig(preset, file)
    const fresh = text
      .replace(configuration, (_, head: string, _preset, _old, tail: string) => head + printed + tail)
      .replace(header, (_, head: string, of: string, _old, tail: string) => head + headerTable(of) + tail)
      .replace(doctor, (_, head: string, of: string, _old, tail: string) => head + doctorTable(of) + tail)
    if (update) await writeFile(join(pages, name), fresh)
    else assert.ok(text === fresh, `${name} is not what holdfast makes and says now: run this file with --update`)
  }
})

test('every terminator for which configuration is made has a page of its own', async () => {
  const names = new Set(await pageNames())
  for (const preset of Object.keys(proxyConfigPresets)) assert.ok(names.has(`${preset}.md`), preset)
})

/** What the command prints. */
function proxyConfig(preset: string, config: string): string {
  let text = ''
  const stdout = { write: (more: string) => (text += more) }
  const stderr = { write: () => undefined }
  const host = { stdout, stderr, environment: {}, folder: '/' }
  const options = { json: false, quiet: true, config }
  assert.equal(printProxyConfig(preset, options, createTerminal(host, { json: false, quiet: true })), 0)
  return text
}

async function pageNames(): Promise<readonly string[]> {
  return (await readdir(pages)).filter((name) => name.endsWith('.md') && name !== 'README.md').sort()
}

function headerTable(name: string): string {
  const preset = Object.entries(certificateHeaderPresets).find(([known]) => known === name)?.[1]
  assert.ok(preset !== undefined, name)
  const verdict = preset.verdictHeader
  const rows = [
    ['header', `\`${preset.header}\`${preset.headerName === 'free' ? ', or another by `header:`' : ''}`],
    ['format', `\`${preset.decoder}\``],
    ['chain', chainText(preset)],
    ['verdict', verdict === undefined ? 'none' : `\`${verdict}\`; proves nothing by itself`],
    [
      'no certificate',
      ['missing', 'empty', ...preset.absent.map(code), code('(null)'), code('-')].filter(unique).join(', '),
    ],
    ['there was one, but it did not come', preset.absentWithWarning.map(code).join(', ') || 'cannot be told'],
    ['longest value', `${preset.maxBytes} bytes; one certificate 16384 bytes, five certificates`],
  ]
  return `| \`from: ${name}\` | |\n| --- | --- |\n${rows.map(([key = '', value = '']) => `| ${key} | ${value} |\n`).join('')}`
}

function chainText({ chainHeader, decoder }: (typeof certificateHeaderPresets)['nginx']): string {
  if (chainHeader !== undefined) return `\`${chainHeader}\``
  const inside = ['base64-der-list', 'base64-der-list-urlencoded', 'xfcc', 'xfcc-either-pem']
  if (inside.includes(decoder)) return 'in the same header'
  return 'none, unless the value has more than one: intermediate CAs stand under `trust`'
}

/** What the doctor tells to do: everything that it has to say of this terminator, or what goes wrong most, in general words. */
function doctorTable(name: string): string {
  const terminator = name as TerminatorName
  const causes = Object.keys(whyItMatters) as Cause[]
  const own = causes.filter((cause) => mendOf(cause, terminator) !== mendOf(cause, 'unknown'))
  const shown = own.length > 0 ? own : usual
  const rows = shown.map((cause) => {
    const mend = mendOf(cause, terminator)
    const lines = mend.kind === 'do' ? mend.lines.map((line) => ` ${code(line)}`).join('') : ''
    return `| ${cause.replaceAll('_', ' ')} | ${escaped(mend.text)}${lines} |\n`
  })
  return `| finding | what to do |\n| --- | --- |\n${rows.join('')}`
}

function code(text: string): string {
  return `\`${escaped(text)}\``
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}

function unique(value: string, at: number, all: readonly string[]): boolean {
  return all.indexOf(value) === at
}

const usual: readonly Cause[] = [
  'picker_on_main_host',
  'certificate_not_asked',
  'certificate_header_dropped',
  'certificate_header_undecodable',
  'forged_header_on_main_host',
  'forged_header_on_mtls_host',
  'misdirected_request_served',
  'certificate_too_large',
  'chain_not_forwarded',
]
