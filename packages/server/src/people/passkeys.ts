import { hash } from 'node:crypto'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Clock, ReplayStore } from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { PasskeyAdding, PasskeyWay } from '../http/login-ways.ts'
import type { PeopleDirectory } from './people-directory.ts'
import type { Passkey } from './person.ts'
import type { SealedState } from './sealed-state.ts'

export interface PasskeyPorts {
  readonly people: PeopleDirectory
  readonly sealed: SealedState
  readonly replays: ReplayStore
  readonly clock: Clock
}

/**
 * Logging in with passkeys, and adding them (Web Authentication Level 3). The challenge is sealed for the browser that it was shown
 * to, and is accepted once, by any process. User verification is required, so that a passkey stands for two factors.
 */
export function createPasskeys(
  { people, sealed, replays, clock }: PasskeyPorts,
  origin: string,
  serviceName: () => string,
): PasskeyWay & PasskeyAdding {
  const rpId = new URL(origin).hostname
  const challenge = (purpose: string): string => Buffer.from(sealed.seal(purpose, {}, lifetime)).toString('base64url')
  const takeChallenge =
    (purpose: string) =>
    async (shown: string): Promise<boolean> => {
      if (sealed.open(purpose, Buffer.from(shown, 'base64url').toString('latin1')) === undefined) return false
      const id = hash('sha256', shown, 'base64url')
      return (await replays.take('passkey_challenge', id, clock.now() + lifetime)) === 'first'
    }

  return {
    loginOptions: (browser) =>
      JSON.stringify({
        challenge: challenge(`passkey ${browser}`),
        rpId,
        timeout: lifetime * 1000,
        userVerification: 'required',
        allowCredentials: [],
      }),
    login: async (browser, answer) => {
      const response = read<AuthenticationResponseJSON>(answer)
      if (response === undefined) return fail({ problem: 'not an answer of Web Authentication' })
      const known = await people.findByLogin({ kind: 'passkey', value: response.id })
      const passkey = known?.person.passkeys.find(({ id }) => id === response.id)
      if (known === undefined || passkey === undefined || known.person.disabled === true)
        return fail({ problem: 'nobody has this passkey' })
      const { userHandle } = response.response
      if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== known.subject)
        return fail({ problem: 'the passkey was made for somebody else', subject: known.subject })
      try {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response,
          expectedChallenge: takeChallenge(`passkey ${browser}`),
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          credential: {
            id: passkey.id,
            publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
            counter: passkey.counter,
          },
        })
        if (!verified) return fail({ problem: 'the signature is wrong', subject: known.subject })
        const { newCounter } = authenticationInfo
        // A counter that two copies of a key share is noticed by the library; of synced passkeys it stays 0.
        if (newCounter !== passkey.counter) {
          const passkeys = known.person.passkeys.map((one) => (one === passkey ? { ...one, counter: newCounter } : one))
          if ((await people.change(known, { ...known.person, passkeys })) !== 'saved')
            return fail({ problem: 'used twice at once', subject: known.subject })
        }
        return ok(known)
      } catch (cause) {
        return fail({ problem: cause instanceof Error ? cause.message : String(cause), subject: known.subject })
      }
    },
    options: (browser, known, name) =>
      Promise.resolve(
        JSON.stringify({
          challenge: challenge(`passkey for ${known.subject} ${browser}`),
          rp: { id: rpId, name: serviceName() },
          user: {
            id: Buffer.from(known.subject).toString('base64url'),
            name: known.person.userName ?? name,
            displayName: name,
          },
          pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
          timeout: lifetime * 1000,
          attestation: 'none',
          authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
          excludeCredentials: known.person.passkeys.map(({ id, transports }) => ({
            type: 'public-key',
            id,
            transports,
          })),
        }),
      ),
    add: async (browser, known, answer) => {
      const response = read<RegistrationResponseJSON>(answer)
      if (response === undefined) return fail({ problem: 'not an answer of Web Authentication' })
      if (known.person.passkeys.length >= mostPasskeys) return fail({ problem: 'too many passkeys' })
      try {
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response,
          expectedChallenge: takeChallenge(`passkey for ${known.subject} ${browser}`),
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          supportedAlgorithmIDs: [...algorithms],
        })
        if (!verified) return fail({ problem: 'the answer does not stand' })
        const { credential } = registrationInfo
        const passkey: Passkey = {
          id: credential.id,
          publicKey: Buffer.from(credential.publicKey).toString('base64url'),
          counter: credential.counter,
          transports: (credential.transports ?? []).slice(0, 8),
          name: `Passkey ${known.person.passkeys.length + 1}`,
          since: clock.now(),
        }
        return ok(passkey)
      } catch (cause) {
        return fail({ problem: cause instanceof Error ? cause.message : String(cause) })
      }
    },
  }
}

/** What the script put into the form. The library looks at every member that counts. */
function read<Answer extends { readonly id: string }>(text: string): Answer | undefined {
  if (text === '' || text.length > longestAnswer) return undefined
  try {
    const value = JSON.parse(text) as Answer | null
    return typeof value === 'object' && value !== null && typeof value.id === 'string' && 'response' in value
      ? value
      : undefined
  } catch {
    return undefined
  }
}

/** COSE: EdDSA, ES256, RS256. */
const algorithms: readonly number[] = [-8, -7, -257]

/** Seconds that a person may take. */
const lifetime = 300
const mostPasskeys = 20
const longestAnswer = 32_768
