import { DerReader, UTF8_STRING } from '../der/der-reader.ts'
import { isDnsName } from '../name-constraint/dns-name-constraint.ts'
import { utf8 } from './attribute-text.ts'
import type { GeneralName } from './general-name.ts'

/**
 * The e-mail address that an otherName of type SmtpUTF8Mailbox stands for; undefined for everything else.
 *
 * RFC 9598 §3: only an address whose local part needs more than ASCII is written so, since any other belongs into an rfc822Name;
 * labels of the host are A-labels. What breaks a rule is no address, rather than one of two spellings of another.
 */
export function smtpUtf8Mailbox(name: GeneralName): string | undefined {
  if (name.kind !== 'other' || name.oid !== SMTP_UTF8_MAILBOX) return undefined
  const reader = new DerReader(name.value)
  reader.expect(UTF8_STRING, name.value.length)
  reader.leave(name.value.length)
  if (reader.failure !== undefined) return undefined
  const text = utf8(reader.content())
  return text !== undefined && isSmtpUtf8Mailbox(text) ? text : undefined
}

/** Tells whether a text is an e-mail address of this kind. */
export function isSmtpUtf8Mailbox(text: string): boolean {
  const at = text.lastIndexOf('@')
  const host = text.slice(at + 1)
  return (
    text.isWellFormed() && LOCAL_PART.test(text.slice(0, Math.max(at, 0))) && isDnsName(host) && !host.startsWith('*')
  )
}

/** Tells whether a name is of this kind, whether or not its value is any good. */
export function isOfSmtpUtf8Form(name: GeneralName): boolean {
  return name.kind === 'other' && name.oid === SMTP_UTF8_MAILBOX
}

const SMTP_UTF8_MAILBOX = '1.3.6.1.5.5.7.8.9'

/** No control, blank, format character or `@`, and at least one character beyond ASCII. */
const LOCAL_PART = /^(?=.*[^\0-\x7f])[^\p{C}\p{Z}@]+$/u
