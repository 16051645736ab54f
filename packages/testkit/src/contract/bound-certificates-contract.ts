import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { BoundCertificate, BoundCertificates, CertificateThumbprint } from '@holdfast/core'
import { concurrentCallers, concurrentCalls } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `BoundCertificates`. */
export async function boundCertificatesContract(
  t: TestContext,
  makeStore: MakeStore<BoundCertificates>,
): Promise<void> {
  await storeCase(
    t,
    makeStore,
    'a certificate is found by every process and after a restart',
    async ({ open, clock }) => {
      const one = await open()
      const other = (await open()).store
      assert.equal(await one.store.find(thumbprint), undefined)
      await one.store.remember(thumbprint, certificate, clock.now() + 60)
      assert.deepEqual(plain(await other.find(thumbprint)), certificate)
      await one.close()
      const again = (await open()).store
      assert.deepEqual(plain(await again.find(thumbprint)), certificate)
      assert.equal(await again.find('another'), undefined)
    },
  )

  await storeCase(t, makeStore, 'it is remembered again at will, from anywhere at once', async ({ open, clock }) => {
    const stores = [(await open()).store, (await open()).store]
    await concurrentCalls(stores, concurrentCallers, async (store, at) =>
      store.remember(thumbprint, certificate, clock.now() + at),
    )
    clock.advance(concurrentCallers)
    for (const store of stores) assert.deepEqual(plain(await store.find(thumbprint)), certificate)
  })

  await storeCase(t, makeStore, 'without CAs it has none', async ({ open, clock }) => {
    const { store } = await open()
    await store.remember(thumbprint, { der: certificate.der, chain: [] }, clock.now() + 60)
    assert.deepEqual(plain(await store.find(thumbprint)), { der: certificate.der, chain: [] })
  })
}

function plain(found: BoundCertificate | undefined): BoundCertificate | undefined {
  return found && { der: Uint8Array.from(found.der), chain: found.chain.map((der) => Uint8Array.from(der)) }
}

const thumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' as CertificateThumbprint
const certificate: BoundCertificate = {
  der: Uint8Array.from([48, 0, 255, 10, 13]),
  chain: [Uint8Array.from([4]), Uint8Array.from([5, 0, 6])],
}
