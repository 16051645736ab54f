import type { Directive, Files, Place, ReadConfiguration } from './directive.ts'

/** The two languages of braces: nginx ends a statement by `;`, Caddy by the end of the line. */
export type CurlyLanguage = 'nginx' | 'caddy'

/** Reads a configuration of nginx or Caddy with everything that it includes. */
export function readCurly(language: CurlyLanguage, file: string, files: Files): ReadConfiguration {
  const missing: ReadConfiguration['missing'][number][] = []
  const read = (path: string, depth: number): readonly Directive[] => {
    const text = files.read(path)
    if (text === undefined || depth > deepestInclude) return []
    return expand(parse(tokens(language, text, path)), depth)
  }
  const expand = (directives: readonly Directive[], depth: number): readonly Directive[] =>
    directives.flatMap((directive) => {
      if (directive.name === 'include' && language === 'nginx') {
        const pattern = directive.args[0] ?? ''
        const found = files.find(pattern, file)
        if (found.length === 0 && !pattern.includes('*')) missing.push({ pattern, place: directive.place })
        return found.flatMap((path) => read(path, depth + 1))
      }
      return [{ ...directive, children: expand(directive.children, depth) }]
    })
  const directives = read(file, 0)
  return { directives: language === 'caddy' ? withSnippets(directives) : directives, missing }
}

type Token = { readonly kind: 'word' | 'open' | 'close' | 'end'; readonly text: string; readonly place: Place }

function tokens(language: CurlyLanguage, text: string, file: string): readonly Token[] {
  const found: Token[] = []
  let line = 1
  let at = 0
  const push = (kind: Token['kind'], word: string, from = line): void =>
    void found.push({ kind, text: word, place: { file, line: from } })
  while (at < text.length) {
    const letter = text[at] ?? ''
    if (letter === '\n') {
      if (language === 'caddy') push('end', '')
      line++
      at++
    } else if (/\s/.test(letter)) at++
    else if (letter === '#') while (at < text.length && text[at] !== '\n') at++
    else if (letter === ';' && language === 'nginx') {
      push('end', '')
      at++
    } else if (braceStands(text, at, '{')) {
      push('open', '')
      at++
    } else if (braceStands(text, at, '}') || (letter === '}' && language === 'nginx')) {
      push('close', '')
      at++
    } else if (letter === '"' || letter === "'" || letter === '`') {
      const start = line
      let word = ''
      for (at++; at < text.length && text[at] !== letter; at++) {
        if (text[at] === '\\' && letter !== '`') at++
        if (text[at] === '\n') line++
        word += text[at] ?? ''
      }
      at++
      push('word', word, start)
    } else {
      let word = ''
      const stop = language === 'nginx' ? /[\s;"']/ : /\s/
      while (
        at < text.length &&
        !stop.test(text[at] ?? '') &&
        !(language === 'nginx' && text[at] === '{' && text[at - 1] !== '$')
      ) {
        word += text[at] ?? ''
        at++
      }
      push('word', word)
    }
  }
  push('end', '')
  return found
}

/** A brace of its own, and not the `{` of a placeholder of Caddy such as `{host}`. */
function braceStands(text: string, at: number, brace: '{' | '}'): boolean {
  if (text[at] !== brace) return false
  const next = text[at + 1] ?? '\n'
  return (
    /[\s#;}]/.test(next) ||
    (brace === '{' &&
      text
        .slice(at, at + 300)
        .split('\n', 1)[0]
        ?.includes(';') === true)
  )
}

function parse(all: readonly Token[]): readonly Directive[] {
  let at = 0
  const block = (): readonly Directive[] => {
    const directives: Directive[] = []
    let words: Token[] = []
    const flush = (children: readonly Directive[]): void => {
      const [first, ...rest] = words
      words = []
      if (first !== undefined)
        directives.push({ name: first.text, args: rest.map(({ text }) => text), children, place: first.place })
      // The global options of Caddy have no name.
      else if (children.length > 0)
        directives.push({ name: '', args: [], children, place: children[0]?.place ?? nowhere })
    }
    while (at < all.length) {
      const token = all[at++]
      if (token?.kind === 'word') words.push(token)
      else if (token?.kind === 'open') flush(block())
      else if (token?.kind === 'end') flush([])
      else {
        flush([])
        return directives
      }
    }
    return directives
  }
  return block()
}

/** Puts `(snippets)` where they are imported. */
function withSnippets(directives: readonly Directive[]): readonly Directive[] {
  const snippets = new Map(
    directives.filter(({ name }) => /^\(.+\)$/.test(name)).map(({ name, children }) => [name.slice(1, -1), children]),
  )
  const put = (list: readonly Directive[], depth: number): readonly Directive[] =>
    list.flatMap((directive) => {
      const snippet = directive.name === 'import' ? snippets.get(directive.args[0] ?? '') : undefined
      if (snippet !== undefined && depth < deepestInclude) return put(snippet, depth + 1)
      return [{ ...directive, children: put(directive.children, depth) }]
    })
  return put(
    directives.filter(({ name }) => !/^\(.+\)$/.test(name)),
    0,
  )
}

const nowhere: Place = { file: '', line: 0 }
/** A file that includes itself ends here. */
const deepestInclude = 10
