import { configSchema as schema } from '@holdfast/server/operate'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast config schema`: the JSON Schema of `holdfast.yaml`. */
export function configSchema(terminal: Terminal): ExitCode {
  if (terminal.json) terminal.printJson(schema())
  else terminal.print(JSON.stringify(schema(), null, 2))
  return 0
}
