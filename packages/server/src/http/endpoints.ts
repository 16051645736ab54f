import type { BackChannelEndpoint } from '@holdfast/core'

/** What a reload may replace: looked up again for each request. */
export interface Endpoints {
  readonly token: BackChannelEndpoint
  readonly introspection: BackChannelEndpoint
  readonly revocation: BackChannelEndpoint
  readonly pushed_authorization_request?: BackChannelEndpoint
  readonly device_authorization?: BackChannelEndpoint
  readonly backchannel_authentication?: BackChannelEndpoint
}
