import type { ExitCode, Terminal } from '../terminal.ts'
import { readCertificates } from './read-certificates.ts'
import { thumbprintOf } from './thumbprint-of.ts'

/** Prints `x5t#S256` of each file's first certificate: alone for one file, with the file's name for several. */
export function certThumbprint(files: readonly string[], terminal: Terminal): ExitCode {
  const thumbprints = files.map((file) => ({
    file,
    'x5t#S256': thumbprintOf(readCertificates(file, terminal)[0].der),
  }))
  if (terminal.json) terminal.printJson(thumbprints)
  else for (const entry of thumbprints) terminal.print(entry['x5t#S256'] + (files.length > 1 ? `  ${entry.file}` : ''))
  return 0
}
