/** Fulfilled by the first SIGINT or SIGTERM. The second one ends the process as if nobody listened. */
export function untilStopped(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    const stop = (signal: 'SIGINT' | 'SIGTERM') => (): void => {
      process.removeListener('SIGINT', interrupt)
      process.removeListener('SIGTERM', terminate)
      resolve(signal)
    }
    const interrupt = stop('SIGINT')
    const terminate = stop('SIGTERM')
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', terminate)
  })
}
