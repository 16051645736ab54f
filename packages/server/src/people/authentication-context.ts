import type { AuthenticationEvent, EpochSeconds } from '@holdfast/core'

/** How somebody can prove to us who he is. */
export type Proof = 'password' | 'code' | 'passkey' | 'certificate' | 'smart-card'

/** What a proof is worth, in the words that clients know: `acr` (OpenID Connect Core §2) and `amr` (RFC 8176). */
export function authenticationBy(proof: Proof, time: EpochSeconds): AuthenticationEvent {
  const { amr, acr, meets } = worth[proof]
  return { time, amr, acr, ...(meets.length === 0 ? {} : { meets }) }
}

/** Every authentication context that these proofs reach, the strongest first. */
export function reachedContexts(proofs: readonly Proof[]): readonly string[] {
  const reached = new Set(proofs.flatMap((proof) => [worth[proof].acr, ...worth[proof].meets]))
  return contexts.filter((context) => reached.has(context))
}

/** Whether a login by this proof can be one of these contexts. */
export function canReach(proof: Proof, wanted: readonly string[]): boolean {
  return reachedContexts([proof]).some((context) => wanted.includes(context))
}

/** OpenID Connect EAP ACR Values 1.0: phishing-resistant. */
const phishingResistant = 'phr'

/** REFEDS MFA Profile: two factors of different kinds. */
const twoFactors = 'https://refeds.org/profile/mfa'

/** SAML 2.0 Authentication Context §3.4: a password over a protected session. */
const passwordOnly = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'

/** The strongest first. */
const contexts = [phishingResistant, twoFactors, passwordOnly]

/** `meets`: what is asked for in these words is had, too. */
const worth: {
  readonly [Name in Proof]: { readonly amr: readonly string[]; readonly acr: string; readonly meets: readonly string[] }
} = {
  password: { amr: ['pwd'], acr: passwordOnly, meets: [] },
  code: { amr: ['pwd', 'otp', 'mfa'], acr: twoFactors, meets: [passwordOnly] },
  // User verification is required of passkeys: what one has, and what one knows or is.
  passkey: { amr: ['hwk', 'user', 'mfa'], acr: phishingResistant, meets: [twoFactors] },
  // Nobody can see where the key of a certificate is kept.
  certificate: { amr: ['pop'], acr: phishingResistant, meets: [] },
  'smart-card': { amr: ['sc', 'hwk', 'pin', 'mfa'], acr: phishingResistant, meets: [twoFactors] },
}
