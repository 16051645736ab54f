import { authorizationServerMetadata, createMetadataEndpoint, openidConfiguration } from '@holdfast/core'
import type { Answer } from '@holdfast/core'
import type { Configuration } from './config/configuration.ts'
import { metadataSettings } from './metadata-settings.ts'

/** The metadata documents of the present configuration, made when one is first asked for. */
export interface MetadataDocuments {
  readonly openid: () => Answer
  readonly server: () => Answer
}

/** `paths` are those that the main host serves besides the tokens', `age` is how long clients may keep the documents, in seconds. */
export function metadataDocuments(
  configuration: () => Configuration,
  paths: readonly string[],
  age: number,
): MetadataDocuments {
  let made: (MetadataDocuments & { readonly of: Configuration }) | undefined
  const present = (): MetadataDocuments => {
    const now = configuration()
    if (made?.of === now) return made
    const settings = metadataSettings(now, paths)
    made = {
      of: now,
      openid: createMetadataEndpoint(openidConfiguration(settings), age),
      server: createMetadataEndpoint(authorizationServerMetadata(settings), age),
    }
    return made
  }
  return { openid: () => present().openid(), server: () => present().server() }
}
