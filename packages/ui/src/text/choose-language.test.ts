import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acceptedLanguages, chooseLanguage, languageOf } from './choose-language.ts'

const offered = [languageOf('en', {}), languageOf('de', {}), languageOf('ar', { direction: 'rtl' })]

test('a regional wish gets its language, the order of wishes counts, and the first language is for everyone else', () => {
  const chosen = (header: string): string => chooseLanguage(offered, acceptedLanguages(header)).tag
  assert.equal(chosen('de-AT,en;q=0.5'), 'de')
  assert.equal(chosen('fr;q=0.9, en;q=0.2, de;q=0.8'), 'de')
  assert.equal(chosen('fr'), 'en')
  assert.equal(chosen('de;q=0, en'), 'en')
})

test('a language of the operator may leave sentences out', () => {
  assert.equal(languageOf('ar', { direction: 'rtl' }).texts.password, 'Password')
  assert.equal(languageOf('ar', { direction: 'rtl' }).texts.direction, 'rtl')
})

test('whatever header a stranger sends, a language comes out', () => {
  fc.assert(fc.property(fc.string(), (header) => offered.includes(chooseLanguage(offered, acceptedLanguages(header)))))
})
