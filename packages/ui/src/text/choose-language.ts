import { de } from './de.ts'
import { en } from './en.ts'
import type { TextKey, Texts } from './en.ts'

/** A language as it is shown: its BCP 47 tag and its sentences. */
export interface Language {
  readonly tag: string
  readonly texts: Texts
}

/** The languages that come along. */
export const languages: Readonly<Record<string, Texts>> = { en, de }

/** A language of the operator: sentences that he leaves out are those of the language that comes along, or English. */
export function languageOf(tag: string, own: Readonly<Partial<Record<TextKey, string>>>): Language {
  const known = languages[tag]
  if (known !== undefined) return { tag, texts: { ...known, ...own } }
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
  return { tag, texts: { ...en, 'language-name': name, ...own } }
}

/**
 * The language to show: the first wish that is offered, the tag itself or its first part (RFC 4647 §3.4); else the first
 * offered. `wishes` are tags in order of preference.
 */
export function chooseLanguage(offered: readonly Language[], wishes: readonly string[]): Language {
  for (const wish of wishes) {
    for (let tag = wish.toLowerCase(); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const found = offered.find((language) => language.tag.toLowerCase() === tag)
      if (found !== undefined) return found
    }
  }
  const first = offered[0]
  if (first === undefined) throw new TypeError('no language is offered')
  return first
}

/** The tags of an `Accept-Language` header (RFC 9110 §12.5.4), the most wanted first. */
export function acceptedLanguages(header: string | undefined): readonly string[] {
  if (header === undefined) return []
  return header
    .slice(0, longestHeader)
    .split(',')
    .map((part, at) => {
      const [tag = '', ...parameters] = part.split(';').map((text) => text.trim())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return { tag, at, q: weight === undefined ? 1 : Number(weight.slice(2)) }
    })
    .filter(({ tag, q }) => /^[A-Za-z0-9-]{1,35}$/.test(tag) && q > 0)
    .sort((one, other) => other.q - one.q || one.at - other.at)
    .map(({ tag }) => tag)
}

/** Longer ones are made by hand. */
const longestHeader = 1000
