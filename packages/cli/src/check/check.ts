import { checkConfiguration, type CheckedConfiguration, type ConfigurationProblem } from '@holdfast/server'
import { configurationPath } from '../config/read-configuration.ts'
import type { CheckOptions } from '../program/check.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { clientText } from './client-text.ts'
import { revocationText } from './revocation-text.ts'
import { problemsText } from './problem-text.ts'
import { spiffeText } from './spiffe-text.ts'

/** `holdfast check`: everything that is wrong at once, or what the server will do. */
export function check(options: CheckOptions, terminal: Terminal): ExitCode {
  const file = configurationPath(options.config, terminal)
  const checked = checkConfiguration({ file, environment: terminal.environment })
  if (!checked.ok) return wrong(checked.failure.problems, options.config, terminal)
  if (terminal.json) terminal.printJson(checkedJson(checked.value))
  else tell(checked.value, options.config, terminal)
  return 0
}

function wrong(problems: readonly ConfigurationProblem[], file: string, terminal: Terminal): ExitCode {
  const told = problemsText(problems, file)
  if (terminal.json) terminal.printJson({ ok: false, problems })
  else for (const problem of told) terminal.print(problem)
  terminal.note(`holdfast: ${told.length === 1 ? '1 problem' : `${told.length} problems`} in ${file}`)
  return 1
}

function checkedJson({ configuration, warnings }: CheckedConfiguration): Readonly<Record<string, unknown>> {
  return {
    ok: true,
    issuer: configuration.issuer,
    hosts: Object.fromEntries([...configuration.hosts].map(([name, host]) => [name, host.role])),
    trust: [...configuration.trust.keys()],
    clients: configuration.clients.map((client) => {
      const { clientId, method, proof } = clientText(client)
      return { client_id: clientId, token_endpoint_auth_method: method, proof, binding: client.binding }
    }),
    warnings: [...warnings, ...configuration.dangers.map((path) => ({ path, warning: 'lowers safety' }))],
  }
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
    configuration.clients.flatMap((client) => {
      const text = clientText(client)
      return [`${paint('cyan', text.clientId)}: ${text.proof}`, `  ${text.binding}`]
    }),
  )
  for (const { path, warning } of warnings) terminal.note(`warning: ${path}: ${warning}`)
  for (const path of configuration.dangers) terminal.note(`warning: ${path}: lowers safety`)
  terminal.print()
  terminal.print(`${paint('green', 'ok')}: ${file} is right, and the server would start`)
}
