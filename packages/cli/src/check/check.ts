import { type ConfigurationProblem } from '@holdfast/server'
import { checkConfiguration, checkPages, type CheckedConfiguration } from '@holdfast/server/operate'
import { configurationPath } from '../config/read-configuration.ts'
import type { CheckOptions } from '../program/check.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { visible } from '../cert/visible.ts'
import { clientText } from './client-text.ts'
import { revocationText } from './revocation-text.ts'
import { maximumTold, problemCount, problemsText } from './problem-text.ts'
import { spiffeText } from './spiffe-text.ts'

/** `holdfast check`: everything that is wrong at once, or what the server will do. */
export async function check(options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const file = configurationPath(options.config, terminal)
  const checked = checkConfiguration({ file, environment: terminal.environment })
  if (!checked.ok) return wrong(checked.failure.problems, options.config, terminal)
  const pages = await checkPages(checked.value.configuration)
  if (pages.length > 0) return wrong(pages, options.config, terminal)
  if (terminal.json) terminal.printJson(checkedJson(checked.value))
  else tell(checked.value, options.config, terminal)
  return 0
}

function wrong(problems: readonly ConfigurationProblem[], file: string, terminal: Terminal): ExitCode {
  const count = problemCount(problems, file)
  if (terminal.json) terminal.printJson({ ok: false, ...firstOf('problems', problems) })
  else for (const problem of problemsText(problems, file)) terminal.print(problem)
  terminal.note(`holdfast: ${count === 1 ? '1 problem' : `${count} problems`} in ${file}`)
  return 1
}

function checkedJson({ configuration, warnings }: CheckedConfiguration): Readonly<Record<string, unknown>> {
  return {
    ok: true,
    issuer: configuration.issuer,
    hosts: Object.fromEntries([...configuration.hosts].map(([name, host]) => [name, host.role])),
    trust: [...configuration.trust.keys()],
    clients: [...configuration.clients].map((client) => {
      const { clientId, method, proof, reading, policy } = clientText(client)
      const further = { ...(reading === undefined ? {} : { reading }), ...(policy.length === 0 ? {} : { policy }) }
      return { client_id: clientId, token_endpoint_auth_method: method, proof, ...further, binding: client.binding }
    }),
    ...firstOf('warnings', [...warnings, ...configuration.dangers.map((path) => ({ path, warning: 'lowers safety' }))]),
  }
}

/** As many as a program can be expected to take, and the number of the others. */
function firstOf<Name extends string>(name: Name, items: readonly unknown[]): Readonly<Record<string, unknown>> {
  const more = items.length - maximumListed
  return { [name]: items.slice(0, maximumListed), ...(more > 0 ? { [`more_${name}`]: more } : {}) }
}

function tell({ configuration, warnings }: CheckedConfiguration, file: string, terminal: Terminal): void {
  const { paint } = terminal
  const section = (name: string, lines: readonly string[]): void => {
    terminal.print(paint('bold', name))
    for (const line of lines) terminal.print(`  ${line}`)
  }
  section('hosts', [
    ...[...configuration.hosts].map(
      ([name, host]) =>
        `${name}: ${host.role === 'main' ? 'for people, never asks for a certificate' : 'asks for a certificate'}`,
    ),
  ])
  if (configuration.trust.size > 0)
    section(
      'trust',
      [...configuration.trust].flatMap(([name, trust]) => [
        `${name}: ${trust.spiffe === undefined ? trust.anchors.join(', ') : spiffeText(trust.spiffe)}`,
        ...(trust.spiffe === undefined ? [`  ${revocationText(trust.revocation)}`] : []),
      ]),
    )
  section(
    'clients',
    [...configuration.clients].flatMap((client) => {
      const text = clientText(client)
      return [
        `${paint('cyan', text.clientId)}: ${text.proof}`,
        ...(text.reading === undefined ? [] : ['  in the certificate, from its top:']),
        ...(text.reading ?? []).map((line) => `    ${visible(line)}`),
        ...text.policy.map((line) => `  ${line}`),
        `  ${text.binding}`,
      ]
    }),
  )
  for (const { path, warning, hint } of warnings.slice(0, maximumTold)) {
    terminal.note(`warning: ${path}: ${warning}`)
    if (hint !== undefined) terminal.note(`  hint: ${hint}`)
  }
  if (warnings.length > maximumTold) terminal.note(`… and ${warnings.length - maximumTold} more warnings`)
  for (const path of configuration.dangers) terminal.note(`warning: ${path}: lowers safety`)
  terminal.print()
  terminal.print(`${paint('green', 'ok')}: ${file} is right, and the server would start`)
}

/** A list in JSON is for programs, and still ends. */
const maximumListed = 1_000
