/**
 * CAs that certified each other at random: a leaf is accepted with the whole pool when, and only when, it is accepted with some
 * part of it. A search that forgets to go back, or that lets one flaw end too much, shows here.
 *
 * `HOLDFAST_MESHES` sets the number (default 150), `HOLDFAST_MESH_SEED` repeats a run.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Certificate, createAnchorSet, parseCertificate, validatePath } from '@holdfast/x509'
import { certificateMeshes } from './certificate-mesh.ts'

const meshes = Number(process.env['HOLDFAST_MESHES'] ?? 150)
const seed = Number(process.env['HOLDFAST_MESH_SEED'] ?? Date.now() % 2 ** 31)
const now = 1_800_000_000

test(`a leaf is accepted with a mesh of CAs when some part of it suffices, and not otherwise (seed ${seed})`, () => {
  const next = certificateMeshes(generator(seed), now)
  let accepted = 0
  for (let count = 0; count < meshes; count++) {
    const mesh = next()
    const anchors = createAnchorSet({ name: 'mesh', anchors: [mesh.root], maximumIntermediates: 8 })
    assert.ok(anchors.ok)
    const leaf = read(mesh.leaf)
    const pool = mesh.pool.map(read)
    const verdict = (part: readonly Certificate[]): boolean =>
      validatePath(leaf, part, anchors.value, { now, presented: 'pool' }).ok
    const whole = validatePath(leaf, pool, anchors.value, { now, presented: 'pool' })
    const parts = Array.from({ length: 2 ** pool.length }, (_, bits) =>
      pool.filter((__, at) => (bits & (1 << at)) !== 0),
    )
    const what = `mesh ${count} of seed ${seed}`
    assert.equal(whole.ok, parts.some(verdict), what)
    if (!whole.ok) continue
    accepted++
    assert.equal(verdict(whole.value.certificates.slice(1)), true, `${what}: the path alone`)
    assert.equal(verdict(pool.toReversed()), true, `${what}: the order of the pool`)
  }
  assert.ok(accepted > meshes / 10 && accepted < (meshes * 9) / 10, `${accepted} of ${meshes} accepted`)
})

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}

/** A small generator with a seed, so that a find can be repeated. */
function generator(from: number): (below: number) => number {
  let state = from | 1
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}
