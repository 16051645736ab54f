import type { GrantType } from '../client-registration/registered-client.ts'
import type { ReplayStore } from '../port/replay-store.ts'
import type { Answer } from '../protocol-error/answer.ts'
import { errorResponse } from '../protocol-error/error-response.ts'
import type { Failure } from '../protocol-error/failure.ts'
import { type AccessTokenClaims, accessTokenClaims } from '../token/access-token.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { type ExplainedStep, stepRecorder } from './explanation.ts'
import type { ClientAuthenticationPorts } from './ports.ts'
import type { AuthorizationServerSettings } from './settings.ts'
import { decideTokenRequest } from './token-endpoint.ts'

/** What the token endpoint would do with a request, and why. */
export interface TokenRequestExplanation {
  readonly steps: readonly ExplainedStep[]
  readonly outcome:
    | { readonly kind: 'issue'; readonly format: 'jwt' | 'opaque'; readonly claims: AccessTokenClaims }
    /** Everything before the grant is in order; what the grant stands for only the store of the server knows. */
    | { readonly kind: 'depends_on_grant'; readonly grantType: GrantType }
    | { readonly kind: 'refuse'; readonly failure: Failure; readonly answer: Answer }
}

/**
 * Makes the token endpoint's own decision about a request and takes down every step.
 *
 * Nothing is signed, kept, used up or written down: an assertion's `jti` is not taken, so a replay is not noticed.
 */
export async function explainTokenRequest(
  request: BackChannelRequest,
  ports: ClientAuthenticationPorts,
  settings: AuthorizationServerSettings,
): Promise<TokenRequestExplanation> {
  const recorder = stepRecorder()
  const decision = await decideTokenRequest(
    request,
    { ...ports, replays: untouched },
    settings,
    ports.clock.now(),
    recorder,
  )
  if (decision.ok) {
    if ('further' in decision.value) {
      const { grantType } = decision.value.further
      return { steps: withoutReplay(recorder.steps), outcome: { kind: 'depends_on_grant', grantType } }
    }
    const { token, format } = decision.value
    const claims = accessTokenClaims(token, settings.issuer, 'not-issued')
    return { steps: withoutReplay(recorder.steps), outcome: { kind: 'issue', format, claims } }
  }
  const { failure } = decision
  recorder.refused(failure)
  const challenge = request.authorization === undefined ? undefined : 'Basic'
  const answer = errorResponse(failure, request.correlationId ?? 'explanation', challenge)
  return { steps: withoutReplay(recorder.steps), outcome: { kind: 'refuse', failure, answer } }
}

function withoutReplay(steps: readonly ExplainedStep[]): readonly ExplainedStep[] {
  return steps.map((step) =>
    step.step === 'assertion_use' && step.outcome === 'passed' ? { ...step, outcome: 'skipped' } : step,
  )
}

const untouched: ReplayStore = { take: () => Promise.resolve('first') }
