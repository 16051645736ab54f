import type { Directive, Files, ReadConfiguration } from './directive.ts'

/** Reads a configuration of Apache httpd with everything that it includes. */
export function readApache(file: string, files: Files): ReadConfiguration {
  const missing: ReadConfiguration['missing'][number][] = []
  // Relative includes start there; without it at the folder of the main file.
  let root = file
  const read = (path: string, depth: number): readonly Directive[] => {
    const text = files.read(path)
    if (text === undefined || depth > deepestInclude) return []
    const lines = logicalLines(text)
    let at = 0
    const block = (end: string | undefined): readonly Directive[] => {
      const directives: Directive[] = []
      while (at < lines.length) {
        const { text: line, number } = lines[at++] ?? { text: '', number: 0 }
        const place = { file: path, line: number }
        if (/^<\//.test(line)) {
          if (end !== undefined) return directives
          continue
        }
        const section = /^<(\w+)\s*([^>]*)>/.exec(line)
        if (section !== null) {
          const name = section[1] ?? ''
          directives.push({ name, args: words(section[2] ?? ''), children: block(name), place })
          continue
        }
        const [name = '', ...args] = words(line)
        if (/^serverroot$/i.test(name)) root = `${args[0] ?? ''}/httpd.conf`
        if (/^include(optional)?$/i.test(name)) {
          const pattern = args[0] ?? ''
          const found = files.find(pattern, root)
          if (found.length === 0 && !/optional/i.test(name)) missing.push({ pattern, place })
          for (const included of found) directives.push(...read(included, depth + 1))
        } else directives.push({ name, args, children: [], place })
      }
      return directives
    }
    return block(undefined)
  }
  return { directives: read(file, 0), missing }
}

/** Reads a configuration of HAProxy: each section is a directive with its lines. */
export function readHaproxy(file: string, files: Files): ReadConfiguration {
  const sections: { name: string; args: readonly string[]; children: Directive[]; place: Directive['place'] }[] = []
  for (const { text, number } of logicalLines(files.read(file) ?? '')) {
    const [name = '', ...args] = words(text)
    const place = { file, line: number }
    if (sectionNames.has(name)) sections.push({ name, args, children: [], place })
    else sections.at(-1)?.children.push({ name, args, children: [], place })
  }
  return { directives: sections, missing: [] }
}

function logicalLines(text: string): readonly { readonly text: string; readonly number: number }[] {
  const lines: { text: string; number: number }[] = []
  let open: { text: string; number: number } | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (open === undefined && (line === '' || line.startsWith('#'))) continue
    const whole = open ?? { text: '', number: index + 1 }
    const continues = line.endsWith('\\')
    whole.text += continues ? `${line.slice(0, -1)} ` : line
    if (continues) open = whole
    else {
      lines.push(whole)
      open = undefined
    }
  }
  return lines
}

function words(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
}

const sectionNames: ReadonlySet<string> = new Set([
  'global',
  'defaults',
  'frontend',
  'backend',
  'listen',
  'peers',
  'resolvers',
  'userlist',
  'cache',
  'program',
])
const deepestInclude = 10
