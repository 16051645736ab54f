import { hash } from 'node:crypto'
import type { Hash } from '@holdfast/core'

/** {@link Hash} by the platform. */
export const platformHash: Hash = {
  sha256: (text) => hash('sha256', text, 'base64url'),
  sha512: (text) => hash('sha512', text, 'base64url'),
}
