/** Milliseconds that this thread has computed: what other work the machine does meanwhile is not in it. */
export function cpuTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
