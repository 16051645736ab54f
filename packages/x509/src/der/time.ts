import { type DerReader, GENERALIZED_TIME, UTC_TIME } from './der-reader.ts'

/**
 * Reads UTCTime or GeneralizedTime as epoch seconds: UTC, with seconds, without fractions.
 *
 * RFC 5280 §4.1.2.5: two-digit years from 50 on belong to the 20th century.
 */
export function time(reader: DerReader, limit: number): number {
  const tag = reader.peek(limit)
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) {
    reader.refuse(tag === -1 ? 'value_missing' : 'tag_unexpected', reader.position)
    return 0
  }
  reader.skip(limit)
  return timeOfContent(reader, tag === UTC_TIME)
}

/** Reads a GeneralizedTime, as CRL entries and OCSP use it. */
export function generalizedTime(reader: DerReader, limit: number): number {
  return reader.expect(GENERALIZED_TIME, limit) ? timeOfContent(reader, false) : 0
}

function timeOfContent(reader: DerReader, shortYear: boolean): number {
  const { bytes, contentStart, contentEnd } = reader
  const digits = shortYear ? 12 : 14
  if (contentEnd - contentStart !== digits + 1 || bytes[contentEnd - 1] !== 0x5a) return malformed(reader)
  for (let at = contentStart; at < contentEnd - 1; at++) {
    const octet = bytes[at]!
    if (octet < 0x30 || octet > 0x39) return malformed(reader)
  }
  const two = (at: number): number => (bytes[at]! - 0x30) * 10 + (bytes[at + 1]! - 0x30)
  let at = contentStart
  let year = two(at)
  at += 2
  if (shortYear) year += year >= 50 ? 1900 : 2000
  else {
    year = year * 100 + two(at)
    at += 2
  }
  const month = two(at)
  const day = two(at + 2)
  const hour = two(at + 4)
  const minute = two(at + 6)
  const second = two(at + 8)
  const days = daysFromEpoch(year, month, day)
  if (days === undefined || hour > 23 || minute > 59 || second > 59) return malformed(reader)
  return days * 86_400 + hour * 3_600 + minute * 60 + second
}

function malformed(reader: DerReader): number {
  reader.refuse('time_malformed')
  return 0
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March; `undefined` for a day that does not exist. */
export function daysFromEpoch(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
