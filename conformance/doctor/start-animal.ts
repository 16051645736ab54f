import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { apacheFrame, nginxFrame, streamFrame } from '../proxies/frames.ts'
import { freePort, listensOn, type Program, startProgram, untilReady } from '../proxies/start-program.ts'
import type { Animal, Change } from './animal.ts'
import { type Backend, type Base, holdfast, mtlsName } from './backend.ts'

export interface StartedAnimal {
  readonly port: number
  readonly plainPort: number
}

/** Starts the real program with the changed configuration. */
export async function startAnimal(t: TestContext, animal: Animal, backend: Backend): Promise<StartedAnimal> {
  if (animal.base === 'holdfast') return { port: backend.ownPort, plainPort: 0 }
  const folder = await mkdtemp(join(backend.folder, 'animal-'))
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'tmp'))
  const [port, plainPort] = [await freePort(), await freePort()]
  for (const [name, text] of changed(animal, animal.base, await backend.generated(animal.base)))
    await writeFile(
      join(folder, name.replace('443', String(port))),
      text
        .replaceAll(/\b443\b/g, String(port))
        .replaceAll('$FOLDER', backend.folder)
        .replaceAll('$PLAIN', String(plainPort)),
    )
  const program = await startTerminator(t, animal.base, folder)
  await untilReady(() => listensOn(port), program, animal.name)
  return { port, plainPort }
}

async function startTerminator(t: TestContext, base: Base, folder: string): Promise<Program> {
  const inFolder = (name: string): string => join(folder, name)
  switch (base) {
    case 'nginx':
    case 'nginx-passthrough':
      await writeFile(inFolder('nginx.conf'), base === 'nginx' ? nginxFrame(folder) : streamFrame(folder))
      return startProgram(t, 'nginx', ['-c', inFolder('nginx.conf'), '-p', folder, '-e', 'stderr'])
    case 'edge':
      return startProgram(t, process.execPath, [holdfast, 'edge', '--config', inFolder('edge.yaml')])
    case 'haproxy':
    case 'haproxy-passthrough':
      return startProgram(t, 'haproxy', ['-db', '-f', inFolder('haproxy.cfg')])
    case 'apache':
      await writeFile(inFolder('apache.conf'), apacheFrame(folder))
      return startProgram(t, 'apache2', ['-DFOREGROUND', '-f', inFolder('apache.conf')])
    case 'caddy':
      return startProgram(t, 'caddy', ['run', '--config', inFolder('Caddyfile'), '--adapter', 'caddyfile'], {
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      })
  }
}

/** The generated files with the changes; throws where a change changes nothing, because then nothing would be tested. */
function changed(animal: Animal, base: Base, files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const texts = new Map(files)
  for (const change of animal.changes ?? []) {
    let effect = false
    for (const [name, text] of texts) {
      const next = applied(change, base, text)
      effect ||= next !== text
      texts.set(name, next)
    }
    if (!effect) throw new Error(`${animal.name}: nothing to change: ${String(change.from)}`)
  }
  return texts
}

function applied({ from, to, site }: Change, base: Base, text: string): string {
  // Dollar signs of a text stand for themselves.
  const replace = (part: string): string =>
    typeof from === 'string' ? part.replaceAll(from, () => to) : part.replace(from, to)
  if (site === undefined) return replace(text)
  const [opening = '', ...sites] = text.split(siteStart[base] ?? /$^/)
  return [opening, ...sites.map((part) => (part.includes(siteName[base](site)) ? replace(part) : part))].join(
    siteOpening[base] ?? '',
  )
}

const siteOpening: { readonly [Name in Base]?: string } = {
  nginx: '\nserver {\n',
  apache: '\n<VirtualHost ',
  caddy: '\nhttps://',
}
const siteStart = siteOpening
const siteName: { readonly [Name in Base]: (site: 'main' | 'mtls') => string } = {
  nginx: (site) => `server_name ${site === 'main' ? 'login.' : mtlsName}`,
  apache: (site) => `ServerName ${site === 'main' ? 'login.' : mtlsName}`,
  caddy: (site) => (site === 'main' ? 'for people' : 'asks for a client certificate'),
  haproxy: () => '',
  'nginx-passthrough': () => '',
  'haproxy-passthrough': () => '',
  edge: () => '',
}
