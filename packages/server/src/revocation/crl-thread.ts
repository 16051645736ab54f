/** The thread that `create-crl-parser.ts` starts: reads and verifies large CRLs, so that no request waits for it. */
import { parentPort } from 'node:worker_threads'
import type { CertificateRevocationList } from '@holdfast/x509'
import type { CrlThreadAnswer, CrlThreadRequest } from './crl-thread-messages.ts'
import { parseCrls } from './parse-crls.ts'

parentPort?.on('message', ({ id, octets, candidates }: CrlThreadRequest) => {
  const parsed = parseCrls(octets, candidates)
  const answer: CrlThreadAnswer = { id, parsed, octets }
  const indexes = parsed.ok ? parsed.value.flatMap(({ crl }) => ownMemory(crl)) : []
  parentPort?.postMessage(answer, [octets.buffer, ...indexes])
})

function ownMemory({ revoked }: CertificateRevocationList): readonly ArrayBuffer[] {
  const { buckets, low, high, dates, reasons } = revoked
  return [buckets, low, high, dates, reasons].map(({ buffer }) => buffer as ArrayBuffer)
}
