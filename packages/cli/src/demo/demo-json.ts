import type { Addresses } from '../deployment/addresses.ts'
import { cast } from './cast.ts'
import type { CertificateFile, DemoFolder } from './demo-folder.ts'
import type { Step } from './tell.ts'

/** What `holdfast demo --json` prints when everything is up; with `--once` also how the story went. */
export interface DemoJson {
  readonly issuer: string
  readonly mtls: string
  readonly api: string
  readonly ca: string
  readonly clients: readonly {
    readonly client_id: string
    readonly token_endpoint_auth_method: string
    readonly cert: string
    readonly key: string
  }[]
  /** Certificates of each kind of trust that belong to no client. */
  readonly strangers: readonly {
    readonly token_endpoint_auth_method: string
    readonly cert: string
    readonly key: string
  }[]
  readonly config: string
  readonly pid: number
  readonly steps?: readonly { readonly title: string; readonly status: number; readonly as_told: boolean }[]
}

export function demoJson(folder: DemoFolder, addresses: Addresses, steps: readonly Step[] | undefined): DemoJson {
  const { orders, meter, report, kiosk } = folder.clients
  const client = (clientId: string, method: string, file: CertificateFile): DemoJson['clients'][number] => ({
    client_id: clientId,
    ...stranger(method, file),
  })
  return {
    issuer: addresses.issuer,
    mtls: addresses.mtls,
    api: `${addresses.api}/hello`,
    ca: folder.ca,
    clients: [
      client(cast.orders.clientId, 'tls_client_auth', orders),
      client(cast.meter.clientId, 'self_signed_tls_client_auth', meter),
      client(cast.report.clientId, 'private_key_jwt', report),
      client(cast.kiosk.clientId, 'none', kiosk),
    ],
    strangers: [stranger('tls_client_auth', folder.thief), stranger('self_signed_tls_client_auth', folder.stranger)],
    config: folder.config,
    pid: process.pid,
    ...(steps === undefined
      ? {}
      : {
          steps: steps.map((step) => ({ title: step.title, status: step.status, as_told: step.fault === undefined })),
        }),
  }
}

function stranger(method: string, file: CertificateFile): DemoJson['strangers'][number] {
  return { token_endpoint_auth_method: method, cert: file.cert, key: file.key }
}
