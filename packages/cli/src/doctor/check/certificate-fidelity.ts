import type { DoctorEcho } from '@holdfast/server'
import type { CertificateSeen } from '../evidence.ts'
import { fromServer, seenText, thumbprintSeen } from '../probe/seen.ts'
import { type Check, type Found, found, noToken, unknown, nothingSeen } from '../verdict.ts'
import { troubleOfAll } from '../trouble.ts'
import { brokenRequest, letIn } from './self-signed-accepted.ts'

/** Check 7: the server sees exactly the certificate that was shown. */
export const certificateFidelity: Check = {
  number: 7,
  title: 'certificates arrive unchanged',
  decide: (evidence) => {
    const { certificates, mtlsHandshakes } = evidence
    const shown = certificates.filter(({ kind }) => kinds.has(kind))
    if (shown.length === 0) return nothingSeen(evidence)
    if (troubleOfAll(evidence) !== undefined) return unknown('no request is served there: see check 22')
    if (!letIn(certificates)) return unknown('no certificate is let in')
    if (!mtlsHandshakes.some(({ facts }) => facts?.asked === true)) return unknown('no certificate is asked for')
    const without = certificates.some(({ kind, seen }) => kind === 'none' && fromServer(seen))
    const plain = shown.filter(({ kind }) => kind === 'plain')
    if (without && plain.every(({ seen }) => brokenRequest(seen)))
      return found(
        [
          {
            cause: 'line_breaks_in_header',
            severity: 'fault',
            what: `with a certificate each request meets ${seenText(plain[0]?.seen)}, without one it works: the header carries line breaks`,
          },
        ],
        '',
      )
    if (!shown.some(({ seen }) => thumbprintSeen(seen) !== undefined)) return unknown(noToken)
    const wrong = shown.flatMap((one) => {
      const what = faultOf(one)
      return what === undefined ? [] : [what]
    })
    // One cause shows in many certificates: say it once.
    const once = new Map(wrong.map((finding) => [finding.cause, finding]).toReversed() as [string, Found][])
    if (once.size > 0) return found([...once.values()], '')
    const lost = evidence.atPaths.flatMap(({ path, seen, thumbprint }) => {
      const what = faultOf({ kind: 'plain', version: 'TLSv1.3', seen, thumbprint })
      return what === undefined ? [] : [{ ...what, what: `at ${path}, unlike elsewhere: ${what.what}` }]
    })
    return found(lost.slice(0, 1), 'EC, RSA, Ed25519, base64 full of + and /')
  },
}

function faultOf({ kind, seen, thumbprint }: CertificateSeen): Found | undefined {
  if (seen.kind !== 'answer' || seen.echo === undefined) return undefined
  const { echo } = seen
  const arrived = thumbprintSeen(seen)
  if (arrived === thumbprint) return undefined
  if (arrived !== undefined && arrived !== null)
    return {
      cause: 'thumbprint_differs',
      severity: 'fault',
      what: `a certificate (${kind}) with the thumbprint ${thumbprint ?? ''} arrives as ${arrived}`,
    }
  const shape = echo.header?.shape
  const refusal = echo.certificate_refusal ?? echo.request_refusal
  if (echo.source === 'header' && (echo.header === null || shape === 'empty') && echo.request_refusal === null)
    return dropped(echo)
  if (shape === 'base64_with_blanks')
    return {
      cause: 'plus_turned_to_blank',
      severity: 'fault',
      what: `${echo.header?.name ?? 'the header'} arrives with a blank for each + (${refusal ?? 'refused'})`,
    }
  if (shape === 'pem_flat' && refusal !== null)
    return {
      cause: 'pem_flattened',
      severity: 'fault',
      what: `${echo.header?.name ?? 'the header'} carries PEM on one line, with blanks for its line ends (${refusal})`,
    }
  if (refusal !== null)
    return {
      cause: 'certificate_header_undecodable',
      severity: 'fault',
      what: `${echo.header?.name ?? 'the header'} arrives${shape === undefined ? '' : ` as ${shape.replaceAll('_', ' ')}`}${shortText(echo.header?.length)}, and is refused: ${refusal}`,
    }
  return dropped(echo)
}

function shortText(length: number | undefined): string {
  return length === undefined || length >= shortest ? '' : ` of ${length} characters, too short for a certificate`
}

function dropped({ source, listener, header }: DoctorEcho): Found {
  return {
    cause: 'certificate_header_dropped',
    severity: 'fault',
    what:
      source === 'none'
        ? `the request comes in on the listener ${listener}, which takes no certificates`
        : header === null
          ? 'the header by which the server expects certificates does not arrive'
          : `${header.name} arrives ${header.shape === 'empty' ? 'empty' : `with ${header.shape.replaceAll('_', ' ')}`}`,
  }
}

/** Characters: the smallest certificates have some two hundred octets, which is more in every encoding. */
const shortest = 250
const kinds: ReadonlySet<string> = new Set(['plain', 'rsa', 'ed25519', 'plus_and_slash'])
