import type { Configuration } from './configuration.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'
import { placeProblems } from './load-configuration.ts'

/** What is wrong with the files that `ui` names; the pages are loaded for it. */
export async function checkPages(configuration: Configuration): Promise<readonly ConfigurationProblem[]> {
  const { siteLook } = await import('../interactive/site-look.ts')
  const loaded = siteLook(configuration.ui, configuration.issuer)
  return loaded.ok ? [] : placeProblems(configuration.source, loaded.failure)
}
