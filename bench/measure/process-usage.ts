import { readFileSync, readdirSync } from 'node:fs'

/** CPU seconds (user and system, all threads) and resident bytes of these processes together. */
export interface ProcessUsage {
  readonly cpuSeconds: number
  readonly residentBytes: number
}

/** Reads utime + stime and the resident set of each process; one that has ended counts as nothing. Linux. */
export function processUsage(processes: readonly number[]): ProcessUsage {
  let ticks = 0
  let pages = 0
  for (const pid of processes) {
    const fields = statFields(pid)
    if (fields === undefined) continue
    ticks += Number(fields[utime]) + Number(fields[stime])
    pages += Number(fields[rss])
  }
  return { cpuSeconds: ticks / ticksPerSecond, residentBytes: pages * bytesPerPage }
}

/** These processes and all their descendants. */
export function processTree(roots: readonly number[]): readonly number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) continue
    const fields = statFields(pid)
    if (fields === undefined) continue
    const parent = Number(fields[ppid])
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [pid])
    else siblings.push(pid)
  }
  const tree = [...roots]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

function statFields(pid: number): readonly string[] | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

// proc(5): numbered from 0 after the command's closing parenthesis.
const ppid = 1
const utime = 11
const stime = 12
const rss = 21
/** USER_HZ is 100 in every Linux user interface, whatever the kernel's own tick. */
const ticksPerSecond = 100
const bytesPerPage = 4096
