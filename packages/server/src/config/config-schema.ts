import { configurationFileShape } from './configuration-file.ts'
import { jsonSchema } from './json-schema.ts'

/** The JSON Schema (2020-12) of `holdfast.yaml`, for editors. */
export function configSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...jsonSchema(configurationFileShape()),
    title: 'holdfast.yaml',
  }
}
