import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { runClient } from '../clients/run-client.ts'

/**
 * The configuration on each page of docs/terminators is what the command makes of the holdfast.yaml on the same page.
 * `node --conditions=holdfast-source conformance/proxies/pages.test.ts --update` rewrites the pages.
 */
const pages = resolve(import.meta.dirname, '../../docs/terminators')
const bin = resolve(import.meta.dirname, '../../packages/cli/bin/holdfast.js')
const update = process.argv.includes('--update')
const generated = /(<!-- holdfast proxy-config ([a-z0-9-]+) -->\n```[a-z]*\n)([\s\S]*?)(```)/

test('every page of a terminator shows what holdfast proxy-config prints for its holdfast.yaml', async (t) => {
  const names = (await readdir(pages)).filter((name) => name.endsWith('.md') && name !== 'README.md')
  assert.ok(names.length > 0)
  for (const name of names) {
    const text = await readFile(join(pages, name), 'utf8')
    const yaml = /```yaml\n([\s\S]*?)```/.exec(text)?.[1]
    const preset = generated.exec(text)?.[2]
    assert.ok(yaml !== undefined && preset !== undefined, `${name} has a holdfast.yaml and names a preset`)
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-page-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'holdfast.yaml'), yaml)
    const printed = await runClient(process.execPath, [
      ...[bin, 'proxy-config', preset, '--config', join(folder, 'holdfast.yaml')],
    ])
    assert.equal(printed.code, 0, `${name}: ${printed.stderr}`)
    const fresh = text.replace(
      generated,
      (_, head: string, _preset, _old, tail: string) => head + printed.stdout + tail,
    )
    if (update) await writeFile(join(pages, name), fresh)
    else assert.equal(text, fresh, name)
  }
})
