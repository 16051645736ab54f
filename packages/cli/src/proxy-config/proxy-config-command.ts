import {
  proxyConfig,
  type ProxyConfigFile,
  type ProxyConfigPresetName,
  proxyConfigPresets,
} from '@holdfast/proxy-config'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import { makeFolder } from '../deployment/make-folder.ts'
import type { ProxyConfigOptions } from '../program/proxy-config.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { proxyConfigProblemText } from './proxy-config-problem-text.ts'
import { proxyDeployment } from './proxy-deployment.ts'

/** `holdfast proxy-config`: the terminator's configuration, or all reasons why there is none. */
export function printProxyConfig(name: string, options: ProxyConfigOptions, terminal: Terminal): ExitCode {
  if (!isPreset(name))
    throw new CommandError('wrong_use', `there is no preset ${name}`, {
      hint: `one of ${Object.keys(proxyConfigPresets).join(', ')}`,
    })
  const configuration = readConfiguration(options.config, terminal)
  const { upstream } = proxyConfigPresets[name]
  const deployment = proxyDeployment(configuration, upstream === 'tls' ? 'tls' : 'plain', options.listen ?? [])
  const made = proxyConfig(name, deployment)
  if (!made.ok) {
    if (terminal.json) terminal.printJson({ ok: false, problems: made.failure })
    const told = made.failure.map(proxyConfigProblemText).join('\n')
    throw new CommandError('no', `no configuration for ${name}\n${told}`)
  }
  if (terminal.json) terminal.printJson({ ok: true, preset: name, files: made.value })
  else if (options.dir === undefined) print(made.value, terminal)
  if (options.dir !== undefined) write(made.value, resolve(terminal.folder, options.dir), terminal)
  if (deployment.sites.some(({ certificateHeader }) => certificateHeader?.secret !== undefined))
    terminal.note('note: the configuration contains the proxy secret')
  return 0
}

/** One file as it is; of several, each below a line with its name. */
function print(files: readonly ProxyConfigFile[], terminal: Terminal): void {
  for (const { name, text } of files) {
    if (files.length > 1) terminal.print(`### ${name}`)
    terminal.print(text.replace(/\n$/, ''))
  }
}

function write(files: readonly ProxyConfigFile[], folder: string, terminal: Terminal): void {
  makeFolder(folder)
  for (const { name, text } of files) {
    try {
      writeFileSync(join(folder, name), text, { flag: 'wx', mode: 0o600 })
    } catch (cause) {
      throw new CommandError('no', `cannot write ${name} into ${folder}`, {
        hint: 'an existing file is never overwritten',
        cause,
      })
    }
    terminal.note(`wrote ${name}`)
  }
}

function isPreset(name: string): name is ProxyConfigPresetName {
  return Object.hasOwn(proxyConfigPresets, name)
}
