import { after, before, describe, test } from 'node:test'
import { startFapi } from './fapi-driver.ts'
import type { FapiDriver, FapiVariant } from './fapi-driver.ts'
import type { FapiModule } from './shared-modules.ts'

/** One test for each module of a plan, against one server that is started for them. */
export function runPlan(
  plan: string,
  variant: FapiVariant,
  modules: readonly (readonly [name: string, module: FapiModule])[],
): void {
  describe(`${plan}, ${variant.clientAuth}, tokens bound by ${variant.senderConstrain}, profile of the ${variant.profileOf}, requests ${variant.requests.replaceAll('_', ' ')}`, () => {
    const cleanUps: (() => unknown)[] = []
    let fapi: FapiDriver
    before(async () => {
      fapi = await startFapi({ after: (cleanUp) => cleanUps.push(cleanUp) }, variant)
    })
    after(async () => {
      for (const cleanUp of cleanUps) await cleanUp()
    })
    for (const [name, module] of modules) test(name, () => module(fapi))
  })
}

/** Modules with the prefix that their plan gives their names, and before it the lines of the ledger that they hold. */
export function named(
  prefix: string,
  modules: Readonly<Record<string, FapiModule>>,
  held: Readonly<Record<string, string>> = {},
): readonly (readonly [name: string, module: FapiModule])[] {
  return Object.entries(modules).map(([name, module]) => {
    const ids = Object.hasOwn(held, name) ? `${held[name]} ` : ''
    return [`${ids}${prefix}${name === '' ? '' : `-${name}`}`, module] as const
  })
}
