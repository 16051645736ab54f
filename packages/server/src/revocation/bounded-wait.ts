/** Waits for all looks, but no longer than somebody may be kept waiting; `waited` milliseconds are used up already. */
export async function boundedWait(looks: readonly Promise<void>[], waited: number = 0): Promise<void> {
  if (looks.length === 0) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(1, maximumMilliseconds - waited))
  })
  await Promise.race([Promise.all(looks), late])
  clearTimeout(timer)
}

/** A client waits gladly that long for its first token of the day. */
const maximumMilliseconds = 3_000
