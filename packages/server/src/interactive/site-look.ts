import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { en, languageOf, languages, templateProblem, themeProblems, themeSheet } from '@holdfast/ui'
import type { Language, TextKey } from '@holdfast/ui'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { load } from 'js-yaml'
import type { UnplacedProblem } from '../config/resolution.ts'
import type { UiConfiguration } from '../config/resolve-people.ts'
import { browserAssets } from '../http/browser-assets.ts'
import type { BrowserAssets } from '../http/browser-assets.ts'
import type { SiteLook } from '../http/browser-site.ts'

/** How pages look and speak, and the files that they refer to. */
export interface LoadedLook {
  readonly look: SiteLook
  readonly assets: BrowserAssets
}

/** Reads the operator's files; all problems at once. */
export function siteLook(ui: UiConfiguration, issuer: string): Result<LoadedLook, readonly UnplacedProblem[]> {
  const problems: UnplacedProblem[] = []
  const report = (at: readonly string[], problem: string, hint?: string): undefined => {
    problems.push({
      at: ['ui', ...at],
      path: ['ui', ...at].join('.'),
      line: undefined,
      problem,
      expected: undefined,
      hint,
    })
    return undefined
  }
  const read = (at: readonly string[], path: string | undefined): string | undefined => {
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return report(at, `cannot read ${path}`)
    }
  }
  for (const { name, problem } of themeProblems(ui.theme)) report(['theme', name], problem)
  const template = read(['template'], ui.template)
  const wrong = template === undefined ? undefined : templateProblem(template)
  if (wrong !== undefined) report(['template'], wrong)
  const stylesheet = read(['stylesheet'], ui.stylesheet)
  const spoken = ui.languages.map((tag) => language(tag, ui, read, report))
  const logo = readLogo(ui.logo, () => read(['logo'], ui.logo), report)
  if (problems.length > 0) return fail(problems)
  const assets = browserAssets(themeSheet(ui.theme), stylesheet, logo)
  return ok({
    assets,
    look: {
      serviceName: ui.serviceName ?? new URL(issuer).hostname,
      languages: spoken,
      styleVersion: assets.version,
      scopes: new Map(
        Object.entries(ui.scopes).map(([scope, words]) => [scope, typeof words === 'string' ? { und: words } : words]),
      ),
      ...(logo === undefined ? {} : { logo: `/ui/logo?v=${assets.version}` }),
      ...(ui.policyUri === undefined ? {} : { policyUri: ui.policyUri }),
      ...(ui.tosUri === undefined ? {} : { tosUri: ui.tosUri }),
      ...(template === undefined ? {} : { template }),
    },
  })
}

type Report = (at: readonly string[], problem: string, hint?: string) => undefined

function language(
  tag: string,
  ui: UiConfiguration,
  read: (at: readonly string[], path: string | undefined) => string | undefined,
  report: Report,
): Language {
  const path = Object.hasOwn(ui.texts, tag) ? ui.texts[tag] : undefined
  if (path === undefined) {
    if (!Object.hasOwn(languages, tag))
      report(
        ['languages'],
        `${tag} has no sentences`,
        `ui.texts.${tag}: a file with them; ${Object.keys(languages).join(', ')} come along`,
      )
    return languageOf(tag, {})
  }
  const text = read(['texts', tag], path)
  let written: unknown
  try {
    written = text === undefined ? {} : load(text)
  } catch {
    report(['texts', tag], `${path} is not YAML`)
  }
  const own: Partial<Record<TextKey, string>> = {}
  for (const [key, sentence] of Object.entries(written ?? {})) {
    if (!Object.hasOwn(en, key)) report(['texts', tag], `${path}: there is no sentence ${key}`)
    else if (typeof sentence !== 'string') report(['texts', tag], `${path}: ${key} is not text`)
    else own[key as TextKey] = sentence
  }
  return languageOf(tag, own)
}

function readLogo(path: string | undefined, read: () => string | undefined, report: Report): string | undefined {
  if (path === undefined) return undefined
  return extname(path).toLowerCase() === '.svg' ? read() : report(['logo'], 'not an SVG file')
}
