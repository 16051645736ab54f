import { type Check, found, unknown } from '../verdict.ts'

/** Check 21: the certificates of both hosts are such that a careful client believes them. */
export const serverCertificates: Check = {
  number: 21,
  title: 'server certificates can be believed',
  decide: ({ serverCertificates: faults, mainHandshakes, mtlsHandshakes }) => {
    const distrust = [...mainHandshakes, ...mtlsHandshakes].find(({ facts }) => facts?.distrust !== undefined)
    if (faults.length === 0 && distrust !== undefined)
      return unknown(`${distrust.serverName}: ${distrust.facts?.distrust ?? ''} (--ca)`)
    return found(
      faults.map(({ cause, what, authority }) => ({ cause, severity: 'fault', what: `${authority} ${what}` })),
      'trusted, in force, of the right names',
    )
  },
}
