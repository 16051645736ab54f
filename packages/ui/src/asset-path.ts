/** The files that pages refer to, below `/ui/`. */
export type AssetName = 'style.css' | 'passkey.js' | 'form-post.js' | 'icon.svg'

/** Where a file lies: its URL. */
export function assetPath(name: AssetName): URL {
  return new URL(`../assets/${name}`, import.meta.url)
}
