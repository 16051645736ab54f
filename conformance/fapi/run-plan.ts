import { after, before, describe, test } from 'node:test'
import type { FapiVariant } from './fapi-client.ts'
import { startFapi } from './fapi-driver.ts'
import type { FapiModule } from './shared-modules.ts'

/** One test for each module of a plan of FAPI, against one server that is started for them. */
export function runPlan(
  plan: string,
  variant: FapiVariant,
  modules: readonly (readonly [name: string, module: FapiModule])[],
): void {
  const { clientAuth, senderConstrain, profileOf, requests } = variant
  runModules(
    `${plan}, ${clientAuth}, tokens bound by ${senderConstrain}, profile of the ${profileOf}, requests ${requests.replaceAll('_', ' ')}`,
    (t) => startFapi(t, variant),
    modules,
  )
}

/** One test for each module, all of them with the driver that is started for them. */
export function runModules<Driver>(
  title: string,
  start: (t: { after(cleanUp: () => unknown): void }) => Promise<Driver>,
  modules: readonly (readonly [name: string, module: (driver: Driver) => Promise<void>])[],
): void {
  describe(title, () => {
    const cleanUps: (() => unknown)[] = []
    let driver: Driver
    before(async () => {
      driver = await start({ after: (cleanUp) => cleanUps.push(cleanUp) })
    })
    after(async () => {
      for (const cleanUp of cleanUps) await cleanUp()
    })
    for (const [name, module] of modules) test(name, () => module(driver))
  })
}

/** Modules with the prefix that their plan gives their names, and before it the lines of the ledger that they hold. */
export function named<Module>(
  prefix: string,
  modules: Readonly<Record<string, Module>>,
  held: Readonly<Record<string, string>> = {},
): readonly (readonly [name: string, module: Module])[] {
  return Object.entries(modules).map(([name, module]) => {
    const ids = Object.hasOwn(held, name) ? `${held[name]} ` : ''
    return [`${ids}${prefix}${name === '' ? '' : `-${name}`}`, module] as const
  })
}
