import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { loadMaterial } from '../material/load-material.ts'
import type { MaterialWarning } from '../material/load-material.ts'
import { checkCrlFiles } from '../revocation/check-crl-files.ts'
import { checkBundleFiles } from '../spiffe/check-bundle-files.ts'
import type { Configuration } from './configuration.ts'
import { loadConfiguration, placeProblems } from './load-configuration.ts'
import type { ConfigurationFailure, ConfigurationSource } from './load-configuration.ts'

/** A configuration with which the server would start, and what its operator should still know. */
export interface CheckedConfiguration {
  readonly configuration: Configuration
  readonly warnings: readonly MaterialWarning[]
}

/** Reads the configuration and every file that it names, without starting anything. */
export function checkConfiguration(source: ConfigurationSource): Result<CheckedConfiguration, ConfigurationFailure> {
  const loaded = loadConfiguration(source)
  if (!loaded.ok) return loaded
  const material = loadMaterial(loaded.value)
  if (!material.ok) {
    const problems = placeProblems(loaded.value.source, material.failure)
    return fail({ reason: 'configuration_invalid', problems })
  }
  const crls = checkCrlFiles(loaded.value, material.value.anchors, Math.floor(Date.now() / 1000))
  if (crls.problems.length > 0) {
    const problems = placeProblems(loaded.value.source, crls.problems)
    return fail({ reason: 'configuration_invalid', problems })
  }
  const bundles = checkBundleFiles(loaded.value)
  if (bundles.length > 0) {
    const problems = placeProblems(loaded.value.source, bundles)
    return fail({ reason: 'configuration_invalid', problems })
  }
  return ok({ configuration: loaded.value, warnings: [...material.value.warnings, ...crls.warnings] })
}
