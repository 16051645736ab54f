/** Who plays in the demo. The names are also those of the files. */
export const cast = {
  /** `tls_client_auth`: a certificate of a CA that the server trusts for it. */
  orders: { clientId: 'orders-service', dns: 'orders.partner.example' },
  /** `self_signed_tls_client_auth`: a certificate of its own, registered. */
  meter: { clientId: 'field-meter' },
  /** `private_key_jwt`, with a certificate that only binds the token. */
  report: { clientId: 'report-job' },
  /** `none`: no credential, and a certificate made for this one run. */
  kiosk: { clientId: 'kiosk-app' },
  /** The API itself, which may ask the server about tokens. */
  api: { clientId: 'orders-api', dns: 'api.partner.example' },
  /** Has a good certificate of the same CA, and is no client. */
  thief: { file: 'thief', dns: 'thief.partner.example' },
  /** Has made a certificate himself, with the very name of somebody else. */
  stranger: { file: 'stranger' },
} as const

export type ClientRole = 'orders' | 'meter' | 'report' | 'kiosk'
