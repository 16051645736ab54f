import { type BenchOptions, type BenchRow } from './bench-row.ts'
import { certificates } from './certificates.ts'
import { edge } from './edge-row.ts'
import { guardFirstSight, guardKnownToken } from './guard-rows.ts'
import { manyClients, manyClientsOfPeople } from './many-clients.ts'
import { codeFlow, refreshTokens } from './people-rows.ts'
import { tokenOpaquePostgres } from './postgres-rows.ts'
import { startAndMemory } from './start-and-memory.ts'
import { tokenBehindHeader, tokenNewHandshake, tokenOpaque, tokenOwnTls, tokenRs256 } from './token-rows.ts'
import { twoProcesses } from './two-processes.ts'

/** Every row, in the order of the targets. */
export function benchRows(options: BenchOptions): readonly BenchRow[] {
  return [
    tokenBehindHeader(options),
    tokenOwnTls(options),
    tokenNewHandshake(options),
    tokenRs256(options),
    guardKnownToken(options),
    guardFirstSight(options),
    edge(options),
    tokenOpaque(options),
    tokenOpaquePostgres(options),
    twoProcesses(options),
    startAndMemory(options),
    certificates(options),
    codeFlow(options),
    refreshTokens(options),
    manyClients(options),
    manyClientsOfPeople(options, 'code'),
    manyClientsOfPeople(options, 'refresh'),
  ]
}
