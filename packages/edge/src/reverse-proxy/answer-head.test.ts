import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { answerHead } from './answer-head.ts'

function read(lines: readonly string[], method = 'GET'): unknown {
  const head = answerHead(lines.join('\r\n'), method)
  return head.ok ? [head.value.status, head.value.framing, head.value.length, head.value.kept] : head.failure
}

test('RFC9112-6.3 a body is framed by what the head says, by the method and by the status', () => {
  const ok = 'HTTP/1.1 200 OK'
  for (const [lines, method, expected] of [
    [[ok, 'Content-Length: 2'], 'GET', [200, 'length', 2, 'yes']],
    [[ok, 'content-length:0'], 'GET', [200, 'none', 0, 'yes']],
    [[ok, 'Transfer-Encoding: Chunked'], 'GET', [200, 'chunked', 0, 'yes']],
    [[ok], 'GET', [200, 'until-close', 0, 'no']],
    [[ok, 'Content-Length: 2'], 'HEAD', [200, 'none', 0, 'yes']],
    [['HTTP/1.1 204 No Content'], 'GET', [204, 'none', 0, 'yes']],
    [['HTTP/1.1 304', 'Content-Length: 5'], 'GET', [304, 'none', 0, 'yes']],
    [['HTTP/1.1 100 Continue'], 'GET', [100, 'none', 0, 'yes']],
    [[ok, 'Content-Length: 2', 'Connection: x, Close'], 'GET', [200, 'length', 2, 'no']],
    [['HTTP/1.0 200 OK', 'Content-Length: 2'], 'GET', [200, 'length', 2, 'no']],
    [['HTTP/1.1 200 ', 'Content-Length: 2'], 'GET', [200, 'length', 2, 'yes']],
  ] as const)
    assert.deepEqual(read(lines, method), expected, lines.join(' | '))
})

test('RFC9112-11.1 a head that two readers could read in two ways is refused', () => {
  const ok = 'HTTP/1.1 200 OK'
  for (const [lines, expected] of [
    [[ok, 'Content-Length: 2', 'Content-Length: 2'], 'content_length'],
    [[ok, 'Content-Length: 2, 2'], 'content_length'],
    [[ok, 'Content-Length: +2'], 'content_length'],
    [[ok, 'Content-Length: 0x2'], 'content_length'],
    [[ok, 'Content-Length: -2'], 'content_length'],
    [[ok, 'Content-Length: '], 'content_length'],
    [[ok, 'Content-Length: 1234567890123456'], 'content_length'],
    [[ok, 'Content-Length: 2', 'Transfer-Encoding: chunked'], 'transfer_encoding'],
    [[ok, 'Transfer-Encoding: gzip, chunked'], 'transfer_encoding'],
    [[ok, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'transfer_encoding'],
    [[ok, 'Transfer-Encoding: xchunked'], 'transfer_encoding'],
    [['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'], 'transfer_encoding'],
    [[ok, 'Content-Length : 2'], 'header_line'],
    [[ok, ' Content-Length: 2'], 'header_line'],
    [[ok, 'A: b', '\tfolded'], 'header_line'],
    [[ok, 'A: b\nContent-Length: 2'], 'header_line'],
    [[ok, 'A: b\rContent-Length: 2'], 'header_line'],
    [[ok, 'A: b\0'], 'header_line'],
    [[ok, ': b'], 'header_line'],
    [[ok, 'no colon'], 'header_line'],
    [[ok, ...Array.from({ length: 201 }, () => 'A: b')], 'too_many_headers'],
    [['HTTP/2 200 OK'], 'status_line'],
    [['HTTP/1.1  200 OK'], 'status_line'],
    [['http/1.1 200 OK'], 'status_line'],
    [['HTTP/1.1 2000 OK'], 'status_line'],
    [['HTTP/1.1 020 OK'], 'status_line'],
    [['HTTP/1.1 200 O\nK'], 'status_line'],
    [[''], 'status_line'],
  ] as const)
    assert.equal(read(lines), expected, lines.slice(0, 3).join(' | '))
})

test('any text at all is read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), fc.constantFrom('GET', 'HEAD'), (text, method) => {
      for (const head of [answerHead(text, method), answerHead(`HTTP/1.1 200 OK\r\n${text}`, method)]) {
        if (head.ok) for (const part of head.value.rawHeaders) assert.doesNotMatch(part, /[\r\n\0]/)
      }
    }),
  )
})
