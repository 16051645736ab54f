/**
 * Holds the public surface of every published package against the report committed in docs/api/. A change of signature is seen in
 * review because the report changes with it: `node scripts/api-report.ts --update` rewrites the reports.
 */
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const update = process.argv.includes('--update')
const reports = join(root, 'docs', 'api')
mkdirSync(reports, { recursive: true })

let different = 0
for (const name of ['x509', 'core', 'edge', 'ui', 'server', 'guard', 'client', 'proxy-config'])
  for (const [entry, types] of entries(name)) {
    const file = `${name}${entry === '.' ? '' : entry.slice(1).replaceAll('/', '-')}.api.md`
    const before = existsSync(join(reports, file)) ? readFileSync(join(reports, file), 'utf8') : ''
    if (!update && before === '') {
      process.stderr.write(`api: ${file} is missing\nhint: node scripts/api-report.ts --update\n`)
      different++
      continue
    }
    if (!extract(name, types, file)) {
      process.stderr.write(
        `api: the surface of ${name} (${entry}) differs from docs/api/${file}\nhint: node scripts/api-report.ts --update\n`,
      )
      different++
    }
  }
rmSync(join(root, '.cache', 'api'), { recursive: true, force: true })
process.exit(different === 0 ? 0 : 1)

function entries(name: string): readonly (readonly [entry: string, types: string])[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>
  }
  return Object.entries(manifest.exports).flatMap(([entry, target]) =>
    typeof target === 'string' ? [] : [[entry, target.types] as const],
  )
}

function extract(name: string, types: string, reportFileName: string): boolean {
  const folder = join(root, 'packages', name)
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder: reports,
        reportTempFolder: join(root, '.cache', 'api'),
        includeForgottenExports: false,
      },
      docModel: { enabled: false, apiJsonFilePath: '' },
      dtsRollup: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  })
  const result = Extractor.invoke(config, {
    localBuild: update,
    showVerboseMessages: false,
    messageCallback: (message) => void (message.handled = true),
  })
  return update || !result.apiReportChanged
}
