import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { encodePem } from '@holdfast/x509'
import {
  basicConstraintsExtension,
  type CertificateSigner,
  type ExtensionTemplate,
  extendedKeyUsageExtension,
  issueCertificate,
  keyUsageExtension,
  type NameTemplate,
} from '@holdfast/x509/issue'
import type { Making } from '../cert/making.ts'

/** A certificate that lives as long as one examination; nobody has registered it anywhere. */
export interface ThrowAway {
  readonly der: Uint8Array
  readonly thumbprint: string
  /** With its intermediates. */
  readonly chainPem: string
  readonly keyPem: string
}

export interface ThrowAways {
  readonly plain: ThrowAway
  /** Of another key, for headers that are forged. */
  readonly forged: ThrowAway
  readonly rsa: ThrowAway
  readonly ed25519: ThrowAway
  /** Its base64 is full of `+` and `/`. */
  readonly plusAndSlash: ThrowAway
  /** A CA and an intermediate of its own, both unknown to everybody. */
  readonly withChain: ThrowAway
  readonly expired: ThrowAway
  readonly future: ThrowAway
  readonly forServers: ThrowAway
  /** By size of the DER in KB. */
  readonly sized: ReadonlyMap<number, ThrowAway>
  /** A certificate that ends at the given second. */
  readonly endingAt: (epochSeconds: number) => ThrowAway
}

/** Sizes that are tried, in KB of DER; the last is what five RSA-4096 certificates or a post-quantum leaf need. */
export const triedSizes: readonly number[] = [2, 4, 8, 12]

/** Makes the certificates of one examination. */
export function throwAwayCertificates(making: Making): ThrowAways {
  const now = making.now()
  const key = making.newKey('ec-p256')
  const make = (commonName: string, more: Partial<Wish> = {}): ThrowAway =>
    throwAway({ commonName, key, notBefore: now - hour, notAfter: now + day, making, ...more })
  const root = making.newKey('ec-p256')
  const intermediate = making.newKey('ec-p256')
  const rootName = name('holdfast doctor root')
  const intermediateName = name('holdfast doctor intermediate')
  const authority = throwAway({
    ...{ commonName: 'holdfast doctor intermediate', key: intermediate, making },
    ...{ notBefore: now - hour, notAfter: now + day, ca: true },
    signer: { issuer: rootName, privateKey: root },
  })
  const leaf = make('leaf', { signer: { issuer: intermediateName, privateKey: intermediate } })
  return {
    plain: make('plain'),
    forged: make('forged', { key: making.newKey('ec-p256') }),
    rsa: make('rsa', { key: making.newKey('rsa-2048') }),
    ed25519: make('ed25519', { key: making.newKey('ed25519') }),
    // Of three copies, an octet apart, one lies so that base64 makes it all + or all /.
    plusAndSlash: make('plus and slash', {
      filler: Buffer.concat([pluses, Buffer.of(0), pluses, Buffer.of(0), pluses, Buffer.alloc(90, 0xff)]),
    }),
    withChain: { ...leaf, chainPem: leaf.chainPem + authority.chainPem },
    expired: make('expired', { notBefore: now - 2 * day, notAfter: now - day }),
    future: make('future', { notBefore: now + day, notAfter: now + 2 * day }),
    forServers: make('for servers', { purpose: 'serverAuth' }),
    sized: new Map(
      triedSizes.map((kilobytes) => [
        kilobytes,
        make(`${kilobytes} KB`, { filler: making.random(kilobytes * 1024 - frame) }),
      ]),
    ),
    endingAt: (epochSeconds) => make('ending', { notAfter: epochSeconds }),
  }
}

interface Wish {
  readonly commonName: string
  readonly key: KeyObject
  readonly notBefore: number
  readonly notAfter: number
  readonly making: Making
  readonly purpose?: 'clientAuth' | 'serverAuth'
  readonly ca?: boolean
  readonly filler?: Uint8Array
  readonly signer?: CertificateSigner
}

function throwAway(wish: Wish): ThrowAway {
  const { key, making, filler, ca = false } = wish
  const subject = name(wish.commonName)
  const extensions: readonly ExtensionTemplate[] = [
    basicConstraintsExtension({ ca }),
    keyUsageExtension(ca ? ['keyCertSign', 'cRLSign'] : ['digitalSignature']),
    ...(ca ? [] : [extendedKeyUsageExtension([wish.purpose ?? 'clientAuth'])]),
    ...(filler === undefined ? [] : [{ oid: fillerOid, critical: false, value: filler }]),
  ]
  const serialNumber = making.random(16)
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x7f) | 0x40
  const der = issueCertificate(
    {
      serialNumber,
      subject,
      notBefore: wish.notBefore,
      notAfter: wish.notAfter,
      publicKey: new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })),
      extensions,
    },
    wish.signer ?? { issuer: subject, privateKey: key },
  )
  return {
    der,
    thumbprint: createHash('sha256').update(der).digest('base64url'),
    chainPem: encodePem(der, 'CERTIFICATE'),
    keyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

function name(commonName: string): NameTemplate {
  return [
    { type: 'O', value: 'Holdfast doctor, throw-away' },
    { type: 'CN', value: commonName },
  ]
}

const hour = 3600
const day = 86_400
/** What a certificate of ours has beside its filler, roughly. */
const frame = 400
const pluses = Buffer.alloc(120, 'fbefbe', 'hex')
/** Below the arc for examples (RFC 5612 has the enterprise number 32473). */
const fillerOid = '1.3.6.1.4.1.32473.1'
