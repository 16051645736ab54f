import { encodePem } from '@holdfast/x509'

/** A certificate in a header, as a client would forge it. */
export interface Forgery {
  readonly header: string
  readonly value: string
  readonly spelling: 'plain' | 'underscore' | 'case' | 'twice'
  /** Whether some preset reads this header; the others are only on the list of names. */
  readonly known: boolean
}

/** Each header name in each encoding by which some terminator writes it, and in the spellings that slip past rules. */
export function forgeries(
  names: readonly string[],
  presets: readonly { readonly header: string; readonly decoder: string }[],
  der: Uint8Array,
): readonly Forgery[] {
  const encoded = encodings(der)
  return names.flatMap((name) => {
    const lower = name.toLowerCase()
    const decoders = new Set(presets.filter(({ header }) => header === lower).map(({ decoder }) => decoder))
    const known = decoders.size > 0
    const values = known ? [...decoders].map((decoder) => encoded[decoder] ?? encoded['base64-der'] ?? '') : ['SUCCESS']
    const first = values[0] ?? ''
    return [...new Set(values)]
      .map((value): Forgery => ({ header: name, value, spelling: 'plain', known }))
      .concat(
        { header: name.replaceAll('-', '_'), value: first, spelling: 'underscore', known },
        ...(known
          ? ([
              { header: swapCase(name), value: first, spelling: 'case', known },
              { header: name, value: first, spelling: 'twice', known },
            ] as const)
          : []),
      )
  })
}

function encodings(der: Uint8Array): Readonly<Record<string, string>> {
  const base64 = Buffer.from(der).toString('base64')
  const pem = encodePem(der, 'CERTIFICATE')
  const hash = 'Hash=0000000000000000000000000000000000000000000000000000000000000000'
  return {
    rfc9440: `:${base64}:`,
    'base64-der': base64,
    'base64-der-list': base64,
    'base64-der-list-urlencoded': encodeURIComponent(base64),
    'der-concat': base64,
    'pem-urlencoded': encodeURIComponent(pem),
    'pem-flat': pem.trim().replaceAll('\n', ' '),
    xfcc: `Cert="${encodeURIComponent(pem)}"`,
    'xfcc-either-pem': `${hash};Cert="${encodeURIComponent(pem)}"`,
  }
}

function swapCase(name: string): string {
  return [...name].map((letter, at) => (at % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase())).join('')
}
