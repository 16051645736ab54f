import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { ProxyDeployment } from './proxy-deployment.ts'
import { proxyConfig, type ProxyConfigPresetName, proxyConfigPresets } from './proxy-config.ts'

/**
 * Golden files: the deployment as JSON, then each generated file below a line `-- name --`, or `-- problems --` with the refusal.
 * `node --conditions=holdfast-source src/golden.test.ts --update` rewrites what is expected.
 */
const folder = join(import.meta.dirname, '..', 'golden')
const update = process.argv.includes('--update')

for (const name of Object.keys(proxyConfigPresets) as ProxyConfigPresetName[]) {
  const files = existsSync(join(folder, name))
    ? readdirSync(join(folder, name)).filter((file) => file.endsWith('.txt'))
    : []
  test(`${name} has golden files`, () => {
    assert.ok(files.length > 0)
  })
  for (const file of files)
    test(`${name}: ${file} is what is generated`, () => {
      const path = join(folder, name, file)
      const text = readFileSync(path, 'utf8')
      const deployment = text.slice(0, text.search(/^-- .+ --$/m) >>> 0)
      const played = `${deployment.trimEnd()}\n${outputOf(name, JSON.parse(deployment) as ProxyDeployment)}`
      if (update) {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, played)
      } else assert.equal(played, text)
    })
}

function outputOf(name: ProxyConfigPresetName, deployment: ProxyDeployment): string {
  const made = proxyConfig(name, deployment)
  if (!made.ok) return `-- problems --\n${JSON.stringify(made.failure, undefined, 2)}\n`
  return made.value.map((file) => `-- ${file.name} --\n${file.text}`).join('')
}
