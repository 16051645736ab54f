/** The two methods of RFC 8705 §2 that every foreign client is tried with. */
export const certificateMethods = ['tls_client_auth', 'self_signed_tls_client_auth'] as const
