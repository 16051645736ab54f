import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { chunkedBody } from './chunked-body.ts'

/** What is inside, in which state the reader ends, and how much of all pieces it used. */
function read(pieces: readonly string[]): { readonly text: string; readonly at: string; readonly used: number } {
  let text = ''
  const take = chunkedBody((data) => (text += data.toString('latin1')))
  let before = 0
  for (const piece of pieces) {
    const progress = take(Buffer.from(piece, 'latin1'))
    if (progress.at === 'fault') return { text, at: 'fault', used: 0 }
    if (progress.at === 'end') return { text, at: 'end', used: before + progress.used }
    before += piece.length
  }
  return { text, at: 'inside', used: before }
}

test('RFC9112-7.1 a chunked body is read the same, however it is cut', () => {
  const body = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1 }), { maxLength: 8 })
  fc.assert(
    fc.property(body, fc.array(fc.nat(400), { maxLength: 20 }), fc.boolean(), (chunks, cuts, more) => {
      const sizes = chunks.map(
        (chunk, at) => `${chunk.length.toString(16)}${at % 2 === 0 ? '' : ';a="b"'}\r\n${chunk}\r\n`,
      )
      const whole = `${sizes.join('')}0\r\n${more ? 'Trailer: x\r\n' : ''}\r\n`
      const text = `${whole}HTTP/1.1 200`
      const at = [0, ...cuts.map((cut) => cut % text.length).toSorted((a, b) => a - b), text.length]
      const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
      assert.deepEqual(read(pieces), { text: chunks.join(''), at: 'end', used: whole.length })
    }),
  )
})

test('RFC9112-11.1 a chunked body that two readers could read in two ways is refused', () => {
  for (const text of [
    '\r\n',
    ' 2\r\nab\r\n',
    '+2\r\nab\r\n',
    '0x2\r\nab\r\n',
    '-2\r\nab\r\n',
    '2\nab\r\n',
    '2\r\nabc\r\n0\r\n\r\n',
    '2\r\nab0\r\n\r\n',
    '2\r\nab\n0\r\n\r\n',
    '123456789\r\n',
    '2;\n\r\nab\r\n',
    '2 x\r\nab\r\n',
    '0\r\n\n',
    '0\r\nno colon\r\n\r\n',
    '0\r\n: x\r\n\r\n',
    `2;${'x'.repeat(5_000)}\r\nab\r\n`,
    `0\r\n${'Trailer: x\r\n'.repeat(2_000)}\r\n`,
  ])
    assert.equal(read([text]).at, 'fault', JSON.stringify(text.slice(0, 20)))
  assert.equal(read(['2\r\na']).at, 'inside')
})

test('any bytes at all are read or refused', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary-ascii' })), (pieces) => void read(pieces)))
})
