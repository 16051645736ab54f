import { attributeTypesByName } from './attribute-types.ts'
import { escapeValue } from './format-distinguished-name.ts'

/**
 * Turns the one-line form `/C=GB/O=Example/CN=x`, which old tools print, into RFC 4514 text; undefined when the text is not of that form.
 *
 * A slash followed by something that is no known type and an equals sign is taken to belong to the value.
 */
export function oneLineName(text: string): string | undefined {
  if (!text.startsWith('/')) return undefined
  const rdns: string[] = []
  for (const part of text.slice(1).split('/')) {
    const equals = part.indexOf('=')
    const type = part.slice(0, equals)
    if (equals > 0 && (attributeTypesByName.has(type.toLowerCase()) || /^[0-2](\.\d+)+$/.test(type))) {
      rdns.unshift(`${type}=${escapeValue(part.slice(equals + 1))}`)
    } else if (rdns.length === 0) return undefined
    else rdns[0] += escapeValue(`/${part}`)
  }
  return rdns.join(',')
}
