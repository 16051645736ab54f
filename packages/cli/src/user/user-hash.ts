import { clientSecretHash } from '@holdfast/server'
import type { ExitCode, Terminal } from '../terminal.ts'
import { readPassword } from './read-password.ts'

/** `holdfast user hash`: what stands in the configuration in the place of a password. */
export async function userHash(terminal: Terminal): Promise<ExitCode> {
  const { password, made } = await readPassword()
  const hash = await clientSecretHash(password)
  const member = made === 'yes' ? { password } : {}
  if (terminal.json) terminal.printJson({ password_hash: hash, ...member })
  else {
    if (made === 'yes') terminal.note(`of the new password ${password}`)
    terminal.print(hash)
  }
  return 0
}
