import { objectIdentifierText } from './object-identifier.ts'

/** Why bytes are not the DER that was expected, and where. */
export interface DerFailure {
  readonly reason: DerReason
  /** Offset of the offending octet in the bytes that were given. */
  readonly offset: number
}

export type DerReason =
  | 'truncated'
  | 'trailing_data'
  | 'length_not_minimal'
  | 'length_indefinite'
  | 'tag_number_too_high'
  | 'tag_unexpected'
  | 'boolean_malformed'
  | 'integer_malformed'
  | 'integer_out_of_range'
  | 'bit_string_malformed'
  | 'object_identifier_malformed'
  | 'string_malformed'
  | 'time_malformed'
  | 'value_missing'
  | 'value_not_allowed'
  | 'too_many_elements'

/**
 * Walks strict DER by offsets over one array, without recursion and without building a tree.
 *
 * The first failure sticks: the position jumps behind the last octet, so every loop over elements ends and every later
 * read yields nothing. Callers read straight on and look at `failure` once. X.690 §10, §11.
 */
export class DerReader {
  readonly bytes: Uint8Array
  position: number
  failure: DerFailure | undefined
  /** Identifier octet of the element read last, or -1 after a failure. */
  tag: number
  /** Offset of the identifier octet of the element read last. */
  start: number
  contentStart: number
  contentEnd: number

  constructor(bytes: Uint8Array, position: number = 0) {
    this.bytes = bytes
    this.position = position
    this.failure = undefined
    this.tag = -1
    this.start = position
    this.contentStart = position
    this.contentEnd = position
  }

  /** Records the first failure and ends all further reading. */
  refuse(reason: DerReason, offset: number = this.start): void {
    if (this.failure === undefined) this.failure = { reason, offset }
    const end = this.bytes.length
    this.position = end
    this.tag = -1
    this.contentStart = end
    this.contentEnd = end
  }

  /** The identifier octet of the next element without moving, or -1 when there is none before `limit`. */
  peek(limit: number): number {
    return this.position < limit ? (this.bytes[this.position] ?? -1) : -1
  }

  /** Reads the next element whole and moves behind it. */
  skip(limit: number): number {
    const bytes = this.bytes
    let at = this.position
    this.start = at
    if (at + 2 > limit) {
      this.refuse('truncated', at)
      return -1
    }
    const tag = bytes[at]!
    if ((tag & 0x1f) === 0x1f) {
      this.refuse('tag_number_too_high', at)
      return -1
    }
    let length = bytes[at + 1]!
    at += 2
    if (length >= 0x80) {
      const octets = length & 0x7f
      if (octets === 0) {
        this.refuse('length_indefinite', at - 1)
        return -1
      }
      if (octets > MAXIMUM_LENGTH_OCTETS || at + octets > limit) {
        this.refuse('truncated', at - 1)
        return -1
      }
      length = 0
      for (let index = 0; index < octets; index++) length = length * 256 + bytes[at + index]!
      if (length < 0x80 || bytes[at] === 0) {
        this.refuse('length_not_minimal', at - 1)
        return -1
      }
      at += octets
    }
    if (at + length > limit) {
      this.refuse('truncated', this.start)
      return -1
    }
    this.tag = tag
    this.contentStart = at
    this.contentEnd = at + length
    this.position = at + length
    return tag
  }

  /** Reads the next element, which must have `tag`, and moves behind it. */
  expect(tag: number, limit: number): boolean {
    if (this.position < limit && this.bytes[this.position] !== tag) this.refuse('tag_unexpected', this.position)
    if (this.failure !== undefined) return false
    return this.skip(limit) === tag
  }

  /** Moves to the first element inside the next one, which must have `tag`, and answers where its content ends. */
  enter(tag: number, limit: number): number {
    if (!this.expect(tag, limit)) return this.position
    this.position = this.contentStart
    return this.contentEnd
  }

  /** Ends the reading of a constructed element: nothing may be left before `end`. */
  leave(end: number): void {
    if (this.failure === undefined && this.position !== end) this.refuse('trailing_data', this.position)
  }

  /** The whole element read last: identifier, length and content. */
  element(): Uint8Array {
    return this.bytes.subarray(this.start, this.contentEnd)
  }

  /** The content octets of the element read last. */
  content(): Uint8Array {
    return this.bytes.subarray(this.contentStart, this.contentEnd)
  }

  boolean(limit: number): boolean {
    if (!this.expect(BOOLEAN, limit)) return false
    const octet = this.bytes[this.contentStart]
    if (this.contentEnd - this.contentStart !== 1 || (octet !== 0 && octet !== 0xff)) {
      this.refuse('boolean_malformed')
      return false
    }
    return octet === 0xff
  }

  /** Content octets of an INTEGER (or of an element with another primitive tag that holds one), checked to be minimal. */
  integer(limit: number, tag: number = INTEGER): Uint8Array {
    if (this.expect(tag, limit)) {
      const first = this.bytes[this.contentStart]
      const second = this.bytes[this.contentStart + 1]
      const length = this.contentEnd - this.contentStart
      if (length === 0) this.refuse('integer_malformed')
      else if (length > 1 && ((first === 0 && second! < 0x80) || (first === 0xff && second! >= 0x80))) {
        this.refuse('integer_malformed')
      }
    }
    return this.content()
  }

  /** An INTEGER from 0 up to `maximum`. */
  smallInteger(limit: number, maximum: number = 0x7fffffff, tag: number = INTEGER): number {
    const octets = this.integer(limit, tag)
    if (this.failure !== undefined) return 0
    let value = 0
    for (const octet of octets) value = value * 256 + octet
    if (octets[0]! >= 0x80 || octets.length > 5 || value > maximum) {
      this.refuse('integer_out_of_range')
      return 0
    }
    return value
  }

  /** Dotted text of an OBJECT IDENTIFIER. */
  objectIdentifier(limit: number, tag: number = OBJECT_IDENTIFIER): string {
    if (!this.expect(tag, limit)) return ''
    const text = objectIdentifierText(this.bytes, this.contentStart, this.contentEnd)
    if (text === undefined) {
      this.refuse('object_identifier_malformed')
      return ''
    }
    return text
  }

  octetString(limit: number): Uint8Array {
    this.expect(OCTET_STRING, limit)
    return this.content()
  }

  /** A BIT STRING (or an element with another primitive tag that holds one) of any number of bits, checked to be in DER. */
  bitString(limit: number, tag: number = BIT_STRING): void {
    if (!this.expect(tag, limit)) return
    const length = this.contentEnd - this.contentStart
    const unused = this.bytes[this.contentStart] ?? 8
    const last = length > 1 ? this.bytes[this.contentEnd - 1]! : 0
    if (unused > 7 || (length <= 1 && unused > 0) || (last & ((1 << unused) - 1)) !== 0) {
      this.refuse('bit_string_malformed')
    }
  }

  /** The octets of a BIT STRING that holds whole octets: keys and signatures. */
  octetsOfBitString(limit: number): Uint8Array {
    if (this.expect(BIT_STRING, limit) && this.bytes[this.contentStart] !== 0) this.refuse('bit_string_malformed')
    if (this.failure === undefined && this.contentEnd === this.contentStart) this.refuse('bit_string_malformed')
    return this.bytes.subarray(Math.min(this.contentStart + 1, this.contentEnd), this.contentEnd)
  }

  /** A BIT STRING of named bits as a number: bit 0 of ASN.1 is the lowest bit. X.690 §11.2.2. */
  namedBits(limit: number, tag: number = BIT_STRING): number {
    if (!this.expect(tag, limit)) return 0
    const length = this.contentEnd - this.contentStart
    const unused = this.bytes[this.contentStart] ?? 8
    const last = this.bytes[this.contentEnd - 1] ?? 0
    const padding = (1 << unused) - 1
    if (
      length === 0 ||
      length > 4 ||
      unused > 7 ||
      (length === 1 && unused !== 0) ||
      (length > 1 && (last & padding) !== 0)
    ) {
      this.refuse('bit_string_malformed')
      return 0
    }
    let bits = 0
    for (let octet = 0; octet < length - 1; octet++) {
      const value = this.bytes[this.contentStart + 1 + octet]!
      for (let bit = 0; bit < 8; bit++) if ((value & (0x80 >> bit)) !== 0) bits |= 1 << (octet * 8 + bit)
    }
    return bits
  }

  /** Text of the element read last, when its octets are ASCII. */
  asciiContent(): string {
    let text = ''
    for (let at = this.contentStart; at < this.contentEnd; at++) {
      const octet = this.bytes[at]!
      if (octet > 0x7f) {
        this.refuse('string_malformed', at)
        return ''
      }
      text += String.fromCharCode(octet)
    }
    return text
  }
}

export const BOOLEAN = 0x01
export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const OCTET_STRING = 0x04
export const NULL = 0x05
export const OBJECT_IDENTIFIER = 0x06
export const ENUMERATED = 0x0a
export const UTF8_STRING = 0x0c
export const SEQUENCE = 0x30
export const SET = 0x31
export const UTC_TIME = 0x17
export const GENERALIZED_TIME = 0x18

/** `[n]` with a primitive body. */
export function contextPrimitive(number: number): number {
  return 0x80 | number
}

/** `[n]` with a constructed body. */
export function contextConstructed(number: number): number {
  return 0xa0 | number
}

/** Four octets address 4 GiB, more than any array that reaches this reader. */
const MAXIMUM_LENGTH_OCTETS = 4
