/** The form in which a header carries a certificate, as far as it can be told by looking at it. */
export type CertificateHeaderShape =
  | 'empty'
  | 'pem_urlencoded'
  /** Blanks where the line ends of PEM were. */
  | 'pem_flat'
  | 'rfc9440'
  | 'base64'
  /** Base64 in which each `+` has become a blank, as form decoding does. */
  | 'base64_with_blanks'
  /** The name of a variable of the terminator instead of its value. */
  | 'placeholder'
  | 'xfcc'
  | 'hexadecimal'
  | 'quoted'
  | 'other'

/**
 * Says what a value looks like, so that a person sees which format the terminator chose.
 *
 * For explanations alone: which format is believed is configured, never guessed.
 */
export function certificateHeaderShape(value: string): CertificateHeaderShape {
  if (value === '' || value === '::' || value === '(null)') return 'empty'
  if (/^:?\{[a-z_.]+/i.test(value)) return 'placeholder'
  if (value.startsWith('-----BEGIN%20') || value.startsWith('-----BEGIN+')) return 'pem_urlencoded'
  if (value.startsWith('-----BEGIN ')) return 'pem_flat'
  if (/^:[A-Za-z0-9+/=]+:/.test(value)) return 'rfc9440'
  if (/^(By|Hash|Cert|Chain|Subject|URI|DNS)=/.test(value)) return 'xfcc'
  if (/^(?:[0-9A-F]{2})+$/i.test(value)) return 'hexadecimal'
  if (/^".*"$/.test(value)) return 'quoted'
  if (/^[A-Za-z0-9+/=,]+$/.test(value)) return 'base64'
  return /^MI[A-Za-z0-9+/= ]+$/.test(value) ? 'base64_with_blanks' : 'other'
}
