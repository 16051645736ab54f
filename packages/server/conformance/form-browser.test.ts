import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formWith } from './form-browser.ts'

test('a form is sent as a browser sends it: every checked box of a name, no unchecked one, and the pressed button', () => {
  const text = `<form action="/consent" method="post"><input type="hidden" name="csrf" value="a&amp;b">
    <input type="checkbox" name="scope" value="openid" checked><input type="checkbox" name="scope" value="orders" checked>
    <input type="checkbox" name="scope" value="payments"><button id="deny" name="decision" value="no">No</button>
    <button id="allow" name="decision" value="yes">Yes</button></form>`
  const page = { status: 200, path: '/', text, headers: {}, elsewhere: undefined }
  assert.deepEqual(formWith(page, 'allow'), {
    action: '/consent',
    hidden: { csrf: ['a&b'], scope: ['openid', 'orders'], decision: ['yes'] },
  })
})
