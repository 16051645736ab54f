import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { prepareString } from './prepare-string.ts'

const equal: readonly (readonly [string, string, string])[] = [
  ['ASCII case', 'ACME Ltd', 'acme lTD'],
  ['leading, trailing and repeated spaces', '  a   b ', 'a b'],
  ['sharp s', 'Straße', 'STRASSE'],
  ['capital sharp s of Unicode 5.1 is unassigned in 3.2, so only small sharp s folds', 'ß', 'ss'],
  ['final sigma', 'ΟΔΟΣ', 'οδος'],
  ['dotted capital I', 'İstanbul', 'i\u0307stanbul'],
  ['ligature', '\ufb03', 'FFI'],
  ['composed and decomposed', 'Zoë', 'ZOË'],
  ['full-width letters', '\uff21\uff22\uff23', 'abc'],
  ['roman numeral', '\u2167', 'viii'],
  ['Kelvin sign', 'K', 'k'],
  ['soft hyphen', 'ad\u00admin', 'admin'],
  ['zero width space, joiners and byte order mark', 'a\u200bd\u200cm\u200di\ufeffn', 'admin'],
  ['variation selector', 'a\ufe0fb', 'ab'],
  ['tab and line break are spaces', 'a\t\nb', 'a b'],
  ['next line is a space', 'a\u0085b', 'a b'],
  ['no-break, ideographic and thin space', 'a b\u3000c d', 'a b c d'],
  ['other controls are nothing', 'a\u0001\u007f\u0090b', 'ab'],
  ['Cherokee, which folds upwards in later Unicode, is as 3.2 has it', '\u13a0', '\u13a0'],
  ['Armenian ligature', 'և', 'եւ'],
]

for (const [what, one, other] of equal) {
  test(`caseIgnoreMatch: ${what}`, () => {
    assert.notEqual(prepareString(one), undefined)
    assert.equal(prepareString(one), prepareString(other))
  })
}

const different: readonly (readonly [string, string, string])[] = [
  ['dotless i', 'dım', 'dim'],
  ['a Cyrillic letter', 'аdmin', 'admin'],
  ['a space and none', 'a b', 'ab'],
  ['an accent', 'resume', 'resumé'],
  ['a space that carries an accent is a character', 'a  \u0301b', 'a b'],
]

for (const [what, one, other] of different) {
  test(`caseIgnoreMatch tells apart: ${what}`, () => {
    assert.notEqual(prepareString(one), prepareString(other))
  })
}

test('the empty string and blanks are one value', () => {
  assert.equal(prepareString(''), prepareString('   '))
})

for (const [what, text] of [
  ['private use', 'a\ue000'],
  ['a non-character', 'a\ufdd0'],
  ['a lone surrogate', 'a\ud800'],
  ['the replacement character', 'a\ufffd'],
  ['a code point unassigned in Unicode 3.2', 'a\u{1f600}'],
] as const) {
  test(`a string that holds ${what} cannot be prepared`, () => {
    assert.equal(prepareString(text), undefined)
  })
}

test('preparing is idempotent, and case never matters where lower case is reversible', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const prepared = prepareString(text)
      if (prepared === undefined) return
      assert.equal(prepareString(prepared), prepared)
    }),
  )
})

test('the ASCII path answers as the full path does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      assert.equal(prepareString(`${text}é`), `${prepareString(`${text}é`)!}`)
      const full = prepareString(`é${text}é`)!
      const trimmed = prepareString(text)!
      if (/^[!-~]/.test(text) && /[!-~]$/.test(text)) assert.equal(full, `é${trimmed}é`)
    }),
  )
})
