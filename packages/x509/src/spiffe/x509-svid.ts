import type { Certificate } from '../certificate/certificate.ts'
import { ANY_EXTENDED_KEY_USAGE, CLIENT_AUTH } from '../extension/extended-key-usage.ts'
import { fail, type Result } from '../result.ts'
import { parseSpiffeId, type SpiffeId, type SpiffeIdFailure } from './spiffe-id.ts'

/** Why a certificate is no X.509-SVID of a workload. */
export type SvidFailure =
  | SpiffeIdFailure
  | { readonly reason: 'svid_uri_count'; readonly count: number }
  | { readonly reason: 'svid_without_path'; readonly text: string }
  | { readonly reason: 'svid_is_ca' }
  | {
      readonly reason: 'svid_key_usage'
      readonly rule: 'missing' | 'not_critical' | 'no_digital_signature' | 'may_sign_certificates'
    }
  | { readonly reason: 'svid_extended_key_usage'; readonly present: readonly string[] }

/**
 * Reads the SPIFFE ID out of a leaf, once the leaf has the form of a workload's SVID. Nothing is trusted by this: the ID's
 * trust domain chooses the anchors that the leaf must then be validated against. X509-SVID §2, §4.
 */
export function x509Svid(leaf: Certificate): Result<SpiffeId, SvidFailure> {
  const uris = leaf.subjectAltNames.filter((name) => name.kind === 'uri')
  if (uris.length !== 1) return fail({ reason: 'svid_uri_count', count: uris.length })
  const id = parseSpiffeId(uris[0]!.uri)
  if (!id.ok) return id
  if (id.value.path === '') return fail({ reason: 'svid_without_path', text: id.value.text })
  if (leaf.basicConstraints?.ca === true) return fail({ reason: 'svid_is_ca' })
  const rule = brokenKeyUsage(leaf)
  if (rule !== undefined) return fail({ reason: 'svid_key_usage', rule })
  const present = leaf.extendedKeyUsage
  if (present !== undefined && !present.includes(CLIENT_AUTH) && !present.includes(ANY_EXTENDED_KEY_USAGE)) {
    return fail({ reason: 'svid_extended_key_usage', present })
  }
  return id
}

function brokenKeyUsage(leaf: Certificate): Extract<SvidFailure, { reason: 'svid_key_usage' }>['rule'] | undefined {
  const usage = leaf.keyUsage
  if (usage === undefined) return 'missing'
  if (!leaf.extensions.some(({ oid, critical }) => oid === KEY_USAGE && critical)) return 'not_critical'
  if (!usage.includes('digitalSignature')) return 'no_digital_signature'
  return usage.includes('keyCertSign') || usage.includes('cRLSign') ? 'may_sign_certificates' : undefined
}

const KEY_USAGE = '2.5.29.15'
