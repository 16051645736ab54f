/** `not_base64` as words. */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}
