import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { run } from './run.ts'

/**
 * Transcripts: what is typed and what comes out, in one text file each.
 *
 *   $ holdfast …        a command line; below it its standard output as it is,
 *   2> …                its standard error,
 *   [exit 1]            and its exit code, when it is not 0.
 *   -- name --          begins a file that lies in the folder where the commands run.
 *
 * `$DIR` stands for the folder. `node --conditions=holdfast-source src/transcript.test.ts --update` rewrites the expectations.
 */
const folder = join(import.meta.dirname, '..', 'transcripts')
const update = process.argv.includes('--update')

for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.txt')))
  test(`the transcript ${name} is what the program says`, async (t) => {
    const path = join(folder, name)
    const written = readFileSync(path, 'utf8')
    const transcript = parseTranscript(written)
    const workFolder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-transcript-')))
    t.after(() => {
      rmSync(workFolder, { recursive: true, force: true })
    })
    for (const file of transcript.files) {
      mkdirSync(dirname(join(workFolder, file.name)), { recursive: true })
      writeFileSync(join(workFolder, file.name), file.text)
    }
    let played = transcript.opening
    assert.ok(transcript.commands.length > 0, 'a transcript has at least one command')
    for (const line of transcript.commands) played += await play(line, workFolder)
    played += transcript.filesText
    if (update) writeFileSync(path, played)
    else assert.equal(played, written)
  })

interface Transcript {
  /** Comment lines before the first command. */
  readonly opening: string
  readonly commands: readonly string[]
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly filesText: string
}

function parseTranscript(text: string): Transcript {
  const filesAt = text.search(/^-- .+ --$/m)
  const session = filesAt === -1 ? text : text.slice(0, filesAt)
  const filesText = filesAt === -1 ? '' : text.slice(filesAt)
  const firstCommand = session.search(/^\$ /m)
  const files = filesText
    .split(/^-- (.+) --\n/m)
    .slice(1)
    .reduce<{ name: string; text: string }[]>((all, part, at) => {
      if (at % 2 === 0) all.push({ name: part, text: '' })
      else all.at(-1)!.text = part
      return all
    }, [])
  return {
    opening: session.slice(0, Math.max(0, firstCommand)),
    commands: [...session.matchAll(/^\$ (.+)$/gm)].map((match) => match[1]!),
    files,
    filesText,
  }
}

async function play(line: string, workFolder: string): Promise<string> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]!)
  assert.equal(words[0], 'holdfast', `a transcript types holdfast, not ${words[0]}`)
  let output = ''
  let errors = ''
  const exitCode = await run(words.slice(1), {
    stdout: { write: (text: string) => (output += text) },
    stderr: { write: (text: string) => (errors += text) },
    environment: {},
    folder: workFolder,
  })
  const told =
    errors === ''
      ? ''
      : lines(errors)
          .map((error) => `2> ${error}`.trimEnd())
          .join('\n') + '\n'
  const exit = exitCode === 0 ? '' : `[exit ${exitCode}]\n`
  return `$ ${line}\n${output}${told}${exit}\n`.replaceAll(workFolder, '$DIR')
}

function lines(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n')
}
