/** Undoes `application/x-www-form-urlencoded` for one name or value; `undefined` when it is not that. */
export function formDecode(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
