/** Whether `text` can name a resource: an absolute URI without fragment (RFC 8707 §2). */
export function isResourceIdentifier(text: string): boolean {
  return absoluteUri.test(text) && text.length <= maximumLength
}

const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x24-\x7e]+$/

/** As long as URLs get in practice. */
const maximumLength = 2_048
