import { createHash } from 'node:crypto'
import type {
  CertificateRefusal,
  ClientAuthenticationPorts,
  PersonFailure,
  PresentedCertificate,
  ReplayStore,
} from '@holdfast/core'
import { trustedByProfile } from '@holdfast/core'
import { formatDistinguishedName } from '@holdfast/x509'
import type { CertificateWay } from '../http/login-ways.ts'
import type { KnownPerson, PeopleDirectory } from './people-directory.ts'
import type { SealedState } from './sealed-state.ts'

/**
 * Logging in with a certificate or smart card. The picker is wanted here, so it stands on a host of its own: that host judges the
 * certificate and hands the person over to the main host, once, sealed for the browser that began there.
 */
export interface CertificateLogin extends CertificateWay {
  /** On the host that asks: where the browser goes back to. */
  judge(shown: ShownCertificate, handover: string | undefined): Promise<string>
  /** On the main host: who came back. */
  finish(browser: string, handover: string | undefined): Promise<HandedOver | undefined>
}

export interface ShownCertificate {
  readonly certificate: PresentedCertificate | undefined
  readonly certificateRefusal: CertificateRefusal | undefined
  readonly correlationId: string
  readonly address: string
}

/** `known` is absent when the certificate was not accepted. */
export interface HandedOver {
  readonly ticket: string
  readonly known: KnownPerson | undefined
}

export interface CertificateLoginPorts {
  readonly people: PeopleDirectory
  readonly sealed: SealedState
  readonly replays: ReplayStore
  /** As they are now; `undefined` while the server starts. */
  readonly trust: () => ClientAuthenticationPorts | undefined
  /** Writes down why somebody is not let in. */
  readonly refused: (shown: ShownCertificate, failure: PersonFailure, subject?: string) => Promise<void>
}

export function createCertificateLogin(
  settings: {
    readonly trust: string
    readonly identifyBy: 'email' | 'subject' | 'thumbprint'
    readonly kind: 'certificate' | 'smart-card'
  },
  origins: { readonly main: string; readonly asking: string },
  { people, sealed, replays, trust, refused }: CertificateLoginPorts,
): CertificateLogin {
  return {
    origin: origins.asking,
    kind: settings.kind,
    begin: (browser, ticket) => {
      const handover = sealed.seal('certificate login', { browser, ticket }, lifetime)
      return `${origins.asking}/login?handover=${handover}`
    },
    judge: async (shown, text) => {
      const state = sealed.open('certificate login', text)
      if (state === undefined) return `${origins.main}/login`
      const found = await judge(shown)
      const result = { ticket: state['ticket'], subject: found?.subject }
      const handover = sealed.seal(`certificate ${String(state['browser'])}`, result, handoverLifetime)
      return `${origins.main}/login/certificate?handover=${handover}`
    },
    finish: async (browser, text) => {
      const state = sealed.open(`certificate ${browser}`, text)
      if (text === undefined || typeof state?.['ticket'] !== 'string') return undefined
      const id = createHash('sha256').update(text).digest('base64url')
      const now = trust()?.clock.now() ?? 0
      if ((await replays.take('certificate_login', id, now + handoverLifetime)) !== 'first') return undefined
      const known = typeof state['subject'] === 'string' ? await people.find(state['subject']) : undefined
      return { ticket: state['ticket'], known: known?.person.disabled === true ? undefined : known }
    },
  }

  async function judge(shown: ShownCertificate): Promise<KnownPerson | undefined> {
    const { certificate, certificateRefusal, correlationId } = shown
    const ports = trust()
    if (ports === undefined || certificate === undefined) {
      await refused(shown, { ...(certificateRefusal ?? { reason: 'certificate_missing' }) })
      return undefined
    }
    const request = {
      form: { ok: true, value: new Map<string, string>() },
      role: 'mtls',
      certificate,
      correlationId,
    } as const
    const now = ports.clock.now()
    const trusted = await trustedByProfile(certificate, settings.trust, { clientId: undefined, request, ports, now })
    if (!trusted.ok) {
      await refused(shown, { ...trusted.failure })
      return undefined
    }
    const { certificate: leaf, thumbprint } = trusted.value
    const names =
      settings.identifyBy === 'thumbprint'
        ? [`x5t#S256:${thumbprint}`]
        : settings.identifyBy === 'subject'
          ? [`subject:${formatDistinguishedName(leaf.subject)}`]
          : leaf.subjectAltNames.flatMap((name) => (name.kind === 'email' ? [`email:${name.email.toLowerCase()}`] : []))
    // Two addresses of two people would leave it to us who it is.
    const found = await Promise.all(names.map((value) => people.findByLogin({ kind: 'certificate', value })))
    const [known, ...others] = [
      ...new Map(found.flatMap((one) => (one === undefined ? [] : [[one.subject, one]]))).values(),
    ]
    if (known !== undefined && others.length === 0) {
      if (known.person.disabled !== true) return known
      await refused(shown, { reason: 'user_disabled', names }, known.subject)
      return undefined
    }
    await refused(shown, { reason: 'person_unknown', names })
    return undefined
  }
}

/** Seconds to choose a certificate and type a PIN. */
const lifetime = 300

/** Seconds that a redirect takes. */
const handoverLifetime = 60
