import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { html } from './html.ts'

test('no text of a stranger ends a tag, a quoted attribute or an element', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const written = html`<p title="${text}">${text}</p>`.toString()
      assert.equal(written.split('<').length, 3)
      assert.equal(written.split('"').length, 3)
      assert.equal(written.split('>').length, 3)
    }),
  )
})

test('markup goes in as it is, text and numbers escaped, nothing for what is not there', () => {
  const bold = html`<b>1</b>`
  assert.equal(
    html`${bold}${'<b>'}${1}${undefined}${false}${[bold, "'"]}`.toString(),
    '<b>1</b>&lt;b&gt;1<b>1</b>&#39;',
  )
})
