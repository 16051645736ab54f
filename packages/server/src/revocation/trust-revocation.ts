import type { EvidenceSource, PathEvidence, RevocationPolicy } from '@holdfast/core'
import { checkRevocation, encodeOcspRequest, formatDistinguishedName } from '@holdfast/x509'
import type { AnchorSet, Certificate, CertificateRevocationList, OcspResponse, ValidatedPath } from '@holdfast/x509'
import { twoGenerationMap } from '../cache/two-generation-map.ts'
import type { RevocationConfiguration } from '../config/configuration.ts'
import { boundedWait } from './bounded-wait.ts'
import type { CrlSource } from './crl-source.ts'
import { ocspEntry } from './ocsp-entry.ts'
import type { JudgeOcsp, OcspEntry, OcspParts } from './ocsp-entry.ts'
import { crlUrlsOf, leadsTo, ocspUrlsOf } from './path-locations.ts'

export interface TrustRevocationParts {
  readonly configuration: RevocationConfiguration
  readonly anchors: AnchorSet
  /** Those that the configuration names. */
  readonly sources: readonly CrlSource[]
  /** The source for a URL out of a certificate; `undefined` when there are too many. */
  readonly sourceFor: (url: string) => CrlSource | undefined
  /** Is told of every CA on a good path: it may have signed CRLs. */
  readonly met: (authority: Certificate) => void
  readonly ocsp: Omit<OcspParts, 'takePlace'>
}

export interface TrustRevocation {
  readonly policy: RevocationPolicy
  /** To be called when a list was replaced: what was put together from the old one would keep it in memory. */
  forget(): void
}

/**
 * The {@link RevocationPolicy} of one trust profile.
 *
 * CRLs come first: they serve all clients and tell nobody who is asked about. Responders are asked about what no CRL tells. A
 * request waits a bounded time for what is not at hand; what comes later serves the next one.
 */
export function trustRevocation(parts: TrustRevocationParts): TrustRevocation {
  const { configuration, anchors } = parts
  const { mode, grace, skipIfLifetimeBelow, allowedHosts } = configuration
  let plans = new WeakMap<ValidatedPath, Plan>()
  const entries = twoGenerationMap<OcspEntry>(maximumEntries)
  let underWay = 0
  const takePlace = (): (() => void) | undefined => {
    if (underWay >= maximumUnderWay) return undefined
    underWay++
    return () => void underWay--
  }

  /** What belongs to a path whatever the time is. */
  function planOf(path: ValidatedPath): Plan {
    const known = plans.get(path)
    if (known !== undefined) return known
    for (const { certificate } of path.authorities) parts.met(certificate)
    const asked = path.certificates.filter(isAskedAbout)
    const urls =
      configuration.distributionPoints === 'follow'
        ? asked.flatMap(crlUrlsOf).filter((url) => leadsTo(url, allowedHosts))
        : []
    const found = [...new Set(urls)].flatMap((url) => parts.sourceFor(url) ?? [])
    const plan = { sources: [...new Set([...parts.sources, ...found])], known: undefined }
    plans.set(path, plan)
    return plan
  }

  function isAskedAbout({ noRevocationAvailable, notBefore, notAfter }: Certificate): boolean {
    return noRevocationAvailable !== true && notAfter - notBefore >= skipIfLifetimeBelow
  }

  /** The entries for the certificates about which the CRLs at hand tell nothing. */
  function questions(
    path: ValidatedPath,
    crls: readonly CertificateRevocationList[],
    now: number,
  ): readonly OcspEntry[] {
    if (configuration.responders.length === 0 && configuration.respondersFromCertificate === 'ignore') return []
    const told = checkRevocation(path, { crls }, anchors, { now, mode: 'soft', grace, skipIfLifetimeBelow })
    if (!told.ok) return []
    return told.value.certificates.flatMap(({ status }, index) =>
      status === 'unknown' ? (entryFor(path, index) ?? []) : [],
    )
  }

  function entryFor(path: ValidatedPath, index: number): OcspEntry | undefined {
    const certificate = path.certificates[index]!
    const fromCertificate = configuration.respondersFromCertificate === 'follow' ? ocspUrlsOf(certificate) : []
    const responders = [
      ...new Set([...configuration.responders, ...fromCertificate.filter((url) => leadsTo(url, allowedHosts))]),
    ]
    if (responders.length === 0) return undefined
    const request = encodeOcspRequest(certificate, path.authorities[index]!.certificate)
    const key = `${Buffer.from(request).toString('latin1')} ${responders.join(' ')}`
    const known = entries.get(key)
    if (known !== undefined) return known
    const entry = ocspEntry(request, responders, judgeFor(path, index), { ...parts.ocsp, takePlace })
    entries.set(key, entry)
    return entry
  }

  /** An answer is judged by the same rules as later, for this certificate alone. */
  function judgeFor({ certificates, authorities, ...path }: ValidatedPath, index: number): JudgeOcsp {
    const alone = { ...path, certificates: [certificates[index]!], authorities: authorities.slice(index) }
    return (response) => {
      const now = parts.ocsp.now()
      const judged = checkRevocation(alone, { ocspResponses: [response] }, anchors, { now, mode: 'hard', grace })
      if (judged.ok) return { usable: true, until: judged.value.validUntil }
      const { failure } = judged
      return failure.reason === 'certificate_revoked'
        ? { usable: true, until: endOf(response) ?? now + 3600 }
        : { usable: false, problem: failure.problems.join(', ').replaceAll('_', ' ') }
    }
  }

  const policy: RevocationPolicy = {
    mode,
    grace,
    skipIfLifetimeBelow,
    verdicts: new WeakMap(),
    evidence: (path, now) => {
      const plan = planOf(path)
      const looks = plan.sources.flatMap((source) => source.look(now) ?? [])
      const { known } = plan
      if (looks.length === 0 && known !== undefined && isCurrent(known, plan, now)) return known.evidence
      return later(path, plan, looks, now)
    },
  }
  return { policy, forget: () => void (plans = new WeakMap()) }

  async function later(
    path: ValidatedPath,
    plan: Plan,
    looks: readonly Promise<void>[],
    now: number,
  ): Promise<PathEvidence> {
    const began = performance.now()
    if (looks.length > 0) await boundedWait(looks)
    const crls = plan.sources.flatMap((source) => source.crls)
    const asked = questions(path, crls, now)
    const answers = asked.flatMap((entry) => entry.look(now) ?? [])
    if (answers.length > 0) await boundedWait(answers, performance.now() - began)
    return gather(plan, asked, now)
  }
}

interface Plan {
  readonly sources: readonly CrlSource[]
  known: Known | undefined
}

/** Evidence as it was put together, and what it was put together from. */
interface Known {
  readonly evidence: PathEvidence
  readonly crls: readonly (readonly CertificateRevocationList[])[]
  readonly problems: readonly (string | undefined)[]
  readonly asked: readonly OcspEntry[]
  readonly responses: readonly (OcspResponse | undefined)[]
  /** Epoch seconds: from then on the CRLs may tell less than they did, so that a responder must be asked. */
  readonly until: number
}

function isCurrent({ crls, problems, asked, responses, until }: Known, { sources }: Plan, now: number): boolean {
  return (
    now <= until &&
    sources.every((source, index) => source.crls === crls[index] && source.problem === problems[index]) &&
    asked.every((entry, index) => entry.response === responses[index] && entry.look(now) === undefined)
  )
}

function gather(plan: Plan, asked: readonly OcspEntry[], now: number): PathEvidence {
  const crls = plan.sources.flatMap((source) => source.crls)
  const responses = asked.map(({ response }) => response)
  const ends = crls.flatMap(({ nextUpdate }) => (nextUpdate === undefined || nextUpdate < now ? [] : [nextUpdate]))
  const evidence: PathEvidence = {
    crls,
    ocspResponses: responses.filter((response) => response !== undefined),
    sources: [...plan.sources.flatMap(crlFacts), ...asked.map(ocspFacts)],
  }
  plan.known = {
    evidence,
    crls: plan.sources.map((source) => source.crls),
    problems: plan.sources.map(({ problem }) => problem),
    asked,
    responses,
    until: Math.min(...ends, Number.MAX_SAFE_INTEGER),
  }
  return evidence
}

function crlFacts({ origin, problem, crls }: CrlSource): readonly EvidenceSource[] {
  const said = problem === undefined ? {} : { problem }
  if (crls.length === 0) return [{ kind: 'crl', origin, problem: 'not there yet', ...said }]
  return crls.map(({ issuer, thisUpdate, nextUpdate }) => ({
    kind: 'crl',
    origin,
    issuer: formatDistinguishedName(issuer),
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...said,
  }))
}

function ocspFacts({ origin, problem, response }: OcspEntry): EvidenceSource {
  const single = response?.responses[0]
  return {
    kind: 'ocsp',
    origin: response?.origin ?? origin,
    ...(single === undefined ? {} : { thisUpdate: single.thisUpdate }),
    ...(single?.nextUpdate === undefined ? {} : { nextUpdate: single.nextUpdate }),
    ...(problem !== undefined ? { problem } : response === undefined ? { problem: 'no answer yet' } : {}),
  }
}

function endOf({ responses }: OcspResponse): number | undefined {
  const ends = responses.flatMap(({ nextUpdate }) => (nextUpdate === undefined ? [] : [nextUpdate]))
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** Certificates with an answer in memory; the others are read from disk again. */
const maximumEntries = 20_000

/** Questions to responders under way at once. */
const maximumUnderWay = 64
