import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes an empty directory that is removed, with all in it, when the test ends.
 *
 * Pass the test's context, or `{ after }` of `node:test` for a directory that lives as long as the test file runs.
 */
export async function temporaryDirectory(t: { after(cleanUp: () => Promise<void>): void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  return directory
}
