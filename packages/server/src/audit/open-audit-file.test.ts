import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AuditEvent } from '@holdfast/core'
import { temporaryDirectory } from '@holdfast/testkit'
import { openAuditFile } from './open-audit-file.ts'

test('an event is in the file once its promise is fulfilled, one line each, for the owner alone', async (t) => {
  const path = join(await temporaryDirectory(t), 'audit.log')
  const file = openAuditFile({ kind: 'file', path }, 'off')
  await file.append(event(1))
  assert.equal(lines(path).length, 1)
  await Promise.all(Array.from({ length: 100 }, (_, at) => file.append(event(at))))
  assert.equal(lines(path).length, 101)
  assert.equal(lines(path)[0]?.['time'], '1970-01-01T00:00:01.000Z')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  await file.close()
})

test('the chain names the line before, over restarts and several writers, and breaks where a line was changed', async (t) => {
  const path = join(await temporaryDirectory(t), 'audit.log')
  const one = openAuditFile({ kind: 'file', path }, 'sha256')
  await one.append(event(1))
  await one.append(event(2))
  const two = openAuditFile({ kind: 'file', path }, 'sha256')
  await two.append(event(3))
  await one.append(event(4))
  await one.close()
  await two.close()
  const text = readFileSync(path, 'utf8')
  assert.equal(brokenLine(text), undefined)
  assert.equal(brokenLine(text.replace('"at":1,', '"at":9,')), 1)
  assert.equal(brokenLine(text.split('\n').toSpliced(1, 1).join('\n')), 1)
})

test('after the file was moved away a reopened one is written', async (t) => {
  const path = join(await temporaryDirectory(t), 'audit.log')
  const file = openAuditFile({ kind: 'file', path }, 'off')
  await file.append(event(1))
  renameSync(path, `${path}.1`)
  file.reopen()
  await file.append(event(2))
  await file.close()
  assert.deepEqual([lines(`${path}.1`).length, lines(path).length], [1, 1])
})

test('a file that takes no writes rejects instead of losing the event silently', async () => {
  const file = openAuditFile({ kind: 'file', path: '/dev/full' }, 'off')
  await assert.rejects(file.append(event(1)), { code: 'ENOSPC' })
  await file.close()
})

/** Index of the first line whose `prev` is not the hash of its writer's line before, or of any line for a writer's first. */
function brokenLine(text: string): number | undefined {
  const hashes = new Map<string, string>()
  const all = new Set<string>([''])
  const broken = text
    .trimEnd()
    .split('\n')
    .findIndex((line) => {
      const { writer, prev } = JSON.parse(line) as { readonly writer: string; readonly prev: string }
      const before = hashes.get(writer)
      const right = before === undefined ? all.has(prev) : before === prev
      const hash = createHash('sha256').update(line).digest('base64url')
      hashes.set(writer, hash)
      all.add(hash)
      return !right
    })
  return broken === -1 ? undefined : broken
}

function lines(path: string): readonly Readonly<Record<string, unknown>>[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}

function event(at: number): AuditEvent {
  return {
    event: 'token_introspected',
    correlationId: 'id',
    at,
    clientId: 'api',
    certificateThumbprint: undefined,
    active: true,
    why: undefined,
  }
}
