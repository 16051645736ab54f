import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { assetPath } from '@holdfast/ui'
import type { Answer } from '@holdfast/core'
import type { Route } from './routes.ts'

/** What pages refer to. */
export interface BrowserAssets {
  readonly routes: Readonly<Record<string, Route>>
  /** Changes with any of the files. */
  readonly version: string
}

/** Reads style sheet and scripts once; `theme` goes behind the style sheet, the operator's `sheet` behind that. */
export function browserAssets(theme: string, sheet: string | undefined, logo: string | undefined): BrowserAssets {
  const read = (name: Parameters<typeof assetPath>[0]): string => readFileSync(assetPath(name), 'utf8')
  const files: Record<string, readonly [type: string, body: string]> = {
    'style.css': ['text/css', [read('style.css'), theme, sheet ?? ''].join('\n')],
    'passkey.js': ['text/javascript', read('passkey.js')],
    'form-post.js': ['text/javascript', read('form-post.js')],
    'icon.svg': ['image/svg+xml', read('icon.svg')],
    ...(logo === undefined ? {} : { logo: ['image/svg+xml', logo] }),
  }
  const routes = Object.entries(files).map(([name, [type, body]]): [string, Route] => {
    const answer: Answer = {
      status: 200,
      headers: {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'public, max-age=86400',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'cross-origin-resource-policy': 'same-origin',
      },
      body,
    }
    return [`/ui/${name}`, { endpoint: 'asset', methods: { GET: { kind: 'document', answer: () => answer } } }]
  })
  const version = createHash('sha256').update(JSON.stringify(files)).digest('base64url').slice(0, 12)
  return { routes: Object.fromEntries(routes), version }
}
