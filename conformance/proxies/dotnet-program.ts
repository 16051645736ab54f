import { createHash, randomBytes } from 'node:crypto'
import { existsSync, lstatSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import { runClient } from '../clients/run-client.ts'

/** Whether the .NET SDK is there. It is in no Debian package, so that nobody installs it; where it is, the tests run. */
export function dotnetPart(t: TestContext): boolean {
  const version = spawnSync('dotnet', ['--version'], { encoding: 'utf8', env: { ...process.env, ...quiet } })
  if (version.status === 0 && Number(version.stdout.split('.')[0]) >= 10) return true
  t.skip('the .NET SDK 10 is not installed (https://dot.net; no package of Debian)')
  return false
}

/**
 * Builds the program of a folder and answers its assembly, or `undefined` where a package is not there and cannot be fetched.
 *
 * Kept in the temporary folder under a name made of what it was built from, so that it is built once.
 */
export async function dotnetBuild(
  t: TestContext,
  folder: string,
  name: 'holdfast-front' | 'holdfast-client' = 'holdfast-front',
): Promise<string | undefined> {
  const sources = ['Program.cs', `${name}.csproj`]
  const digest = createHash('sha256')
  for (const source of sources) digest.update(await readFile(join(folder, source)))
  const kept = join(tmpdir(), `holdfast-dotnet-${userInfo().uid}-${digest.digest('hex').slice(0, 16)}`)
  const assembly = join(kept, `${name}.dll`)
  if (built(kept, assembly)) return assembly
  const work = `${kept}-${randomBytes(6).toString('hex')}`
  await mkdir(work, { mode: 0o700 })
  try {
    for (const source of sources) await copyFile(join(folder, source), join(work, source))
    const outcome = await runClient(
      'dotnet',
      ['build', join(work, `${name}.csproj`), '-c', 'Release', '-o', join(work, 'out'), '--nologo', '-v', 'q'],
      { env: quiet },
    )
    if (outcome.code !== 0) {
      const told = `${outcome.stdout}${outcome.stderr}`
      if (/error NU1101|error NU1301|Unable to load the service index/.test(told)) {
        t.skip('a NuGet package is not there and cannot be fetched')
        return undefined
      }
      throw new Error(`dotnet build:\n${told}`)
    }
    // Whoever built the same meanwhile was first, and it is the same.
    await rename(join(work, 'out'), kept).catch((error: unknown) => {
      if (!built(kept, assembly)) throw error
    })
    return assembly
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Whether it was built before, by this user: whoever fills the folder has his code run. */
function built(kept: string, assembly: string): boolean {
  return existsSync(assembly) && lstatSync(kept).uid === userInfo().uid
}

/** For a `dotnet` that asks nobody and leaves no server behind. */
const quiet = {
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  MSBUILDDISABLENODEREUSE: '1',
  UseSharedCompilation: 'false',
}
