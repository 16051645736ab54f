import type { Configuration } from '@holdfast/server'

type Spiffe = NonNullable<NonNullable<ReturnType<Configuration['trust']['get']>>['spiffe']>

/** Where the anchors of a SPIFFE trust domain come from, and how long they count. */
export function spiffeText({ trustDomain, bundle, maximumAge }: Spiffe): string {
  const from = bundle.kind === 'file' ? bundle.path : bundle.url
  const end = maximumAge === undefined ? '' : `, for at most ${maximumAge} s each time`
  return `SVIDs of ${trustDomain}, by the bundle ${from}${end}`
}
