import { html } from '../html.ts'
import type { Html } from '../html.ts'

/**
 * Dark and light modules of a QR code as SVG within the page: always dark on light, as cameras want it, whatever the colours of the
 * page. Rows are of one length.
 */
export function modulePicture(id: string, rows: readonly (readonly boolean[])[], label: string): Html {
  const width = rows[0]?.length ?? 0
  const path = rows.flatMap((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join('')
  return html`<svg
    id="${id}"
    class="modules"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${width} ${rows.length}"
    shape-rendering="crispEdges"
  >
    <rect width="${width}" height="${rows.length}" fill="#fff" />
    <path d="${path}" fill="#000" />
  </svg>`
}

/** Where dark modules stand side by side: from where, and how many. */
function runs(row: readonly boolean[]): readonly (readonly [from: number, length: number])[] {
  const found: [number, number][] = []
  for (const [x, dark] of row.entries()) {
    const last = found.at(-1)
    if (!dark) continue
    if (last !== undefined && last[0] + last[1] === x) last[1]++
    else found.push([x, 1])
  }
  return found
}
