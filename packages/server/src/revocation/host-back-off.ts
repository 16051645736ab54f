import { retryDelay } from './next-look.ts'

/** Leaves hosts alone that did not answer, whatever they are to be asked about. */
export interface HostBackOff {
  /**
   * Epoch seconds until which the host of a URL is not to be asked; `undefined` when it may be. After a pause the first to come
   * asks, and the others wait for what comes of it.
   */
  restsUntil(url: string, now: number): number | undefined
  /** The host did not answer, or not as it should. */
  failed(url: string, now: number): void
  answered(url: string): void
  /** Somebody wants to know now. */
  forget(): void
}

/** Every host may be asked. The first pause is ten seconds, and each doubles, up to ten minutes. */
export function hostBackOff(): HostBackOff {
  const resting = new Map<string, Resting>()
  return {
    restsUntil: (url, now) => {
      const host = resting.get(hostOf(url))
      if (host === undefined) return undefined
      if (now < host.until) return host.until
      host.until = now + trialSeconds
      host.trial = 'under_way'
      return undefined
    },
    failed: (url, now) => {
      const key = hostOf(url)
      const before = resting.get(key)
      // Several requests that were under way at once are one failure.
      if (before?.trial === 'none' && now < before.until) return
      const failures = before === undefined ? 0 : before.failures + 1
      resting.delete(key)
      resting.set(key, { until: now + retryDelay(failures, longestSeconds), failures, trial: 'none' })
      if (resting.size > maximumHosts) resting.delete(resting.keys().next().value ?? '')
    },
    answered: (url) => void resting.delete(hostOf(url)),
    forget: () => resting.clear(),
  }
}

interface Resting {
  until: number
  readonly failures: number
  trial: 'none' | 'under_way'
}

function hostOf(url: string): string {
  return URL.parse(url)?.origin ?? url
}

/** As long as one question may take, and a little more. */
const trialSeconds = 6
const longestSeconds = 600
const maximumHosts = 512
