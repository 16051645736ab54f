import { isPsd2Role, PSD2_ROLES, type Psd2Role } from '../qualified/qc-statements.ts'
import type { ExtensionTemplate } from './certificate-extension.ts'
import { derObjectIdentifier, derSequence, derUtf8String } from './der.ts'

/** What a qualified certificate is to say of itself. */
export interface QcStatementsTemplate {
  readonly compliance: 'eu_qualified' | 'not_stated'
  readonly types: readonly ('esign' | 'eseal' | 'web')[]
  readonly psd2?: {
    readonly roles: readonly Psd2Role[]
    readonly competentAuthorityName: string
    readonly competentAuthorityId: string
  }
}

/** ETSI EN 319 412-5 §4, ETSI TS 119 495 §5.1. Not critical. */
export function qcStatementsExtension({ compliance, types, psd2 }: QcStatementsTemplate): ExtensionTemplate {
  const statements = [
    ...(compliance === 'eu_qualified' ? [derSequence(derObjectIdentifier('0.4.0.1862.1.1'))] : []),
    ...(types.length === 0
      ? []
      : [
          derSequence(
            derObjectIdentifier('0.4.0.1862.1.6'),
            derSequence(...types.map((type) => derObjectIdentifier(`0.4.0.1862.1.6.${TYPES.indexOf(type) + 1}`))),
          ),
        ]),
    ...(psd2 === undefined
      ? []
      : [
          derSequence(
            derObjectIdentifier('0.4.0.19495.2'),
            derSequence(
              derSequence(...psd2.roles.map(role)),
              derUtf8String(psd2.competentAuthorityName),
              derUtf8String(psd2.competentAuthorityId),
            ),
          ),
        ]),
  ]
  return { oid: '1.3.6.1.5.5.7.1.3', critical: false, value: derSequence(...statements) }
}

function role(name: Psd2Role): ReturnType<typeof derSequence> {
  if (!isPsd2Role(name)) throw new TypeError(`${String(name)} is no role of PSD2`)
  return derSequence(derObjectIdentifier(`0.4.0.19495.1.${PSD2_ROLES.indexOf(name) + 1}`), derUtf8String(name))
}

const TYPES = ['esign', 'eseal', 'web'] as const
