import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { test } from 'node:test'

import type { SigningAlgorithm } from '@holdfast/core'

import { verifyJwsSignature } from '../src/jws/verify-jws-signature.ts'
import { missing, vectors } from './vectors.ts'

interface SignatureFile {
  readonly testGroups: readonly {
    readonly publicKeyDer?: string
    readonly publicKeyAsn?: string
    readonly publicKey?: { readonly modulus?: string; readonly publicExponent?: string }
    readonly tests: readonly {
      tcId: number
      comment: string
      msg: string
      sig: string
      result: 'valid' | 'invalid' | 'acceptable'
    }[]
  }[]
}

const files: readonly [string, SigningAlgorithm][] = [
  ['ecdsa_secp256r1_sha256_p1363_test.json', 'ES256'],
  ['ed25519_test.json', 'EdDSA'],
  ['rsa_pss_2048_sha256_mgf1_32_test.json', 'PS256'],
  ['rsa_signature_2048_sha256_test.json', 'RS256'],
]

for (const [name, algorithm] of files) {
  const file = vectors<SignatureFile>(`wycheproof/${name}`)
  test(
    `Wycheproof ${name}: ${algorithm} accepts what is valid and nothing else`,
    { skip: missing(file, name) },
    (t) => {
      const counts = { accepted: 0, refused: 0 }
      for (const group of file?.testGroups ?? []) {
        const key = { algorithm, keyId: undefined, keyObject: publicKey(group), identity: '' }
        for (const { tcId, comment, msg, sig, result } of group.tests) {
          const accepted = verifyJwsSignature(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'))
          counts[accepted ? 'accepted' : 'refused'] += 1
          // "acceptable": a legacy encoding (a missing NULL in PKCS #1 v1.5) that a verifier may take or leave.
          if (result !== 'acceptable') assert.equal(accepted, result === 'valid', `${name} ${tcId}: ${comment}`)
        }
      }
      t.diagnostic(`${counts.accepted} accepted, ${counts.refused} refused`)
      assert.ok(counts.accepted > 0 && counts.refused > 0)
    },
  )
}

function publicKey(group: SignatureFile['testGroups'][number]): KeyObject {
  if (group.publicKeyDer !== undefined) {
    return createPublicKey({ key: Buffer.from(group.publicKeyDer, 'hex'), format: 'der', type: 'spki' })
  }
  return createPublicKey({ key: Buffer.from(group.publicKeyAsn ?? '', 'hex'), format: 'der', type: 'pkcs1' })
}
