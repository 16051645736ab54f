/** Everything this package needs from the platform, spelled out so that the list is visible and reviewed. */

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes: Uint8Array): string
}

declare module 'node:crypto' {
  export interface KeyObject {
    readonly type: 'secret' | 'public' | 'private'
    readonly asymmetricKeyType?: string
    readonly asymmetricKeyDetails?: { readonly namedCurve?: string; readonly modulusLength?: number }
    export(options: { format: 'der'; type: 'spki' | 'pkcs8' }): Uint8Array<ArrayBuffer>
  }
  export interface Digest {
    update(data: Uint8Array): Digest
    digest(): Uint8Array<ArrayBuffer>
  }
  export interface VerifyKey {
    readonly key: KeyObject
    readonly padding?: number
    readonly saltLength?: number
  }
  export function createHash(algorithm: string): Digest
  export function createPublicKey(
    key: KeyObject | { key: Uint8Array; format: 'der'; type: 'spki' } | { key: object; format: 'jwk' },
  ): KeyObject
  export function createPrivateKey(key: string | { key: Uint8Array; format: 'der'; type: 'pkcs8' }): KeyObject
  export function verify(
    algorithm: string | null,
    data: Uint8Array,
    key: KeyObject | VerifyKey,
    signature: Uint8Array,
  ): boolean
  export function sign(algorithm: string | null, data: Uint8Array, key: KeyObject | VerifyKey): Uint8Array<ArrayBuffer>
  export const constants: { readonly RSA_PKCS1_PADDING: number; readonly RSA_PKCS1_PSS_PADDING: number }
}
