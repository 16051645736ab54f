import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  type ExtensionTemplate,
  extendedKeyUsageExtension,
  issueCertificate,
  keyIdentifierOf,
  keyUsageExtension,
  type NameTemplate,
  nameConstraintsExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509/issue'

/** CAs that certified each other at random, in circles and with flaws, and a leaf of one of them; all in DER. */
export interface CertificateMesh {
  readonly root: Uint8Array
  readonly pool: readonly Uint8Array[]
  readonly leaf: Uint8Array
}

/** Makes meshes with keys of its own; `random` answers a whole number below its argument, `now` is in epoch seconds. */
export function certificateMeshes(random: (below: number) => number, now: number): () => CertificateMesh {
  const keys = Array.from({ length: ENTITIES + 1 }, keyPair)
  let serial = 1

  function issued(
    subject: Entity,
    issuer: Entity,
    extensions: readonly ExtensionTemplate[],
    notAfter: number,
  ): Uint8Array {
    const serialNumber = Uint8Array.of(1, ++serial >> 16, (serial >> 8) & 0xff, serial & 0xff)
    const identifiers = [
      subjectKeyIdentifierExtension(keyIdentifierOf(subject.spki)),
      authorityKeyIdentifierExtension({ keyIdentifier: keyIdentifierOf(issuer.spki) }),
    ]
    return issueCertificate(
      {
        serialNumber,
        subject: subject.name,
        notBefore: now - 1000,
        notAfter,
        publicKey: subject.spki,
        extensions: [...identifiers, ...extensions],
      },
      { privateKey: issuer.key, issuer: issuer.name },
    )
  }

  function authority(subject: Entity, issuer: Entity): Uint8Array {
    const flaw = random(10)
    const pathLength = flaw === 0 ? 0 : flaw === 1 ? 1 : undefined
    return issued(
      subject,
      issuer,
      [
        basicConstraintsExtension({
          ca: flaw !== 2,
          ...(pathLength === undefined || flaw === 2 ? {} : { pathLength }),
        }),
        keyUsageExtension(flaw === 3 ? ['cRLSign'] : ['keyCertSign', 'cRLSign']),
        ...(flaw === 4 ? [nameConstraintsExtension({ excluded: [{ kind: 'dns', name: 'leaf.example' }] })] : []),
        ...(flaw === 5 ? [nameConstraintsExtension({ permitted: [{ kind: 'dns', name: 'other.example' }] })] : []),
        ...(flaw === 6 ? [nameConstraintsExtension({ permitted: [{ kind: 'dns', name: 'leaf.example' }] })] : []),
      ],
      flaw === 7 ? now - 1 : now + 1000,
    )
  }

  return () => {
    const count = 3 + random(ENTITIES - 2)
    // Fewer names than keys: some CAs are namesakes.
    const names = Array.from({ length: count }, () => [{ type: 'CN', value: `CA ${random(count)}` }] as const)
    const entities = names.map((name, index): Entity => ({ ...keys[index]!, name }))
    const top: Entity = { ...keys[ENTITIES]!, name: [{ type: 'CN', value: 'Root' }] }
    const root = issued(
      top,
      top,
      [basicConstraintsExtension({ ca: true }), keyUsageExtension(['keyCertSign', 'cRLSign'])],
      now + 1000,
    )
    const any = (): Entity => entities[random(count)]!
    const pool = Array.from({ length: 3 + random(6) }, () => authority(any(), random(4) === 0 ? top : any()))
    const holder: Entity = { ...keyPair(), name: [{ type: 'CN', value: 'leaf' }] }
    const leaf = issued(
      holder,
      any(),
      [
        basicConstraintsExtension({ ca: false }),
        keyUsageExtension(['digitalSignature']),
        extendedKeyUsageExtension(['clientAuth']),
        subjectAltNameExtension([{ kind: 'dns', name: 'leaf.example' }]),
      ],
      now + 1000,
    )
    return { root, pool, leaf }
  }
}

interface Entity {
  readonly key: KeyObject
  readonly spki: Uint8Array
  readonly name: NameTemplate
}

function keyPair(): Pick<Entity, 'key' | 'spki'> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: privateKey, spki: publicKey.export({ format: 'der', type: 'spki' }) }
}

const ENTITIES = 6
