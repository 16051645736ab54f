import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** The command under `taskset`, where the machine has it and two cores; the same process id either way. */
export function pinned(command: readonly string[], cores: string | undefined): readonly string[] {
  return cores !== undefined && canPin() ? ['taskset', '-c', cores, ...command] : command
}

/**
 * Puts this whole session before others, where the kernel groups processes by session (then `nice` alone does nothing
 * against neighbours). For machines that are not at rest; needs root.
 */
export function preferSession(niceness: string): void {
  writeFileSync('/proc/self/autogroup', niceness)
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
