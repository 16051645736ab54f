import { certificateHeaderPresets } from '@holdfast/edge'
import type { Configuration } from './config/configuration.ts'
import { listenerName } from './edge-listeners.ts'
import type { DoctorEcho } from './http/doctor-echo.ts'

/** Where each listener takes certificates from, by its name; the header in lower case. */
export function certificateSources(
  configuration: Configuration,
): ReadonlyMap<string, { readonly source: DoctorEcho['source']; readonly header: string | undefined }> {
  return new Map(
    configuration.listeners.map((listener, index) => {
      const { clientCertificate, tls } = listener
      const header =
        clientCertificate && (clientCertificate.header ?? certificateHeaderPresets[clientCertificate.from].header)
      const source = header !== undefined ? 'header' : tls !== undefined ? 'handshake' : 'none'
      return [listenerName(listener, index), { source, header: header?.toLowerCase() }]
    }),
  )
}
