import type { Cause } from './cause.ts'
import { mendApache } from './mend-apache.ts'
import { mendCaddy } from './mend-caddy.ts'
import { mendHaproxy } from './mend-haproxy.ts'
import { mendHoldfast } from './mend-holdfast.ts'
import { mendNginx } from './mend-nginx.ts'
import { mendOthers } from './mend-others.ts'
import type { TerminatorName } from './recognise-terminator.ts'
import type { Mend, Mends } from './mend-text.ts'

/** How to mend a cause on this terminator; the general advice where it has none of its own. */
export function mendOf(cause: Cause, terminator: TerminatorName): Mend {
  return byTerminator[terminator]?.[cause] ?? mendOthers[cause]
}

/** Everything that the doctor says of one terminator, for the pages about them. */
export const byTerminator: { readonly [Name in TerminatorName]?: Mends } = {
  nginx: mendNginx,
  haproxy: mendHaproxy,
  apache: mendApache,
  caddy: mendCaddy,
  holdfast: mendHoldfast,
}
