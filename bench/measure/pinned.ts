import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * The command under `taskset`, where the machine has it and two cores; the same process id either way.
 *
 * HOLDFAST_BENCH_NICE=-10 gives it a priority too (root), on a machine that others use at the same time.
 */
export function pinned(command: readonly string[], cores: string | undefined): readonly string[] {
  const niceness = process.env['HOLDFAST_BENCH_NICE']
  const preferred = niceness === undefined ? command : ['nice', '-n', niceness, ...command]
  return cores !== undefined && canPin() ? ['taskset', '-c', cores, ...preferred] : preferred
}

/** Whether servers and load can be kept apart on this machine. */
export function canPin(): boolean {
  possible ??= availableParallelism() >= 2 && spawnSync('taskset', ['-V']).status === 0
  return possible
}

let possible: boolean | undefined
export const serverCore = '0'
export const loadCore = '1'
export const bothCores = '0,1'
