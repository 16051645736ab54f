import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sectorIdentifier } from './sector-identifier.ts'

const uris = ['https://one.example/cb', 'https://two.example/cb']

test('OPENID-CORE-M9 the document of a sector names every redirect URI, exactly', () => {
  assert.equal(sectorIdentifier([...uris, 'https://three.example/cb'], uris), undefined)
  assert.equal(sectorIdentifier(uris.slice(1), uris)?.path, 'redirect_uris')
  assert.equal(sectorIdentifier(['https://one.example/CB', uris[1]], uris)?.path, 'redirect_uris')
})

test('OPENID-CORE-M9 what is no list of addresses makes nobody part of a sector', () => {
  for (const document of [undefined, null, {}, 'https://one.example/cb', [['https://one.example/cb']], [1]]) {
    assert.notEqual(sectorIdentifier(document, uris), undefined)
  }
})
