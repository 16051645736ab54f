import { type Check, found, unknown } from '../verdict.ts'

/** Check 25: the server lives in the same minute as we do. */
export const clocks: Check = {
  number: 25,
  title: 'the clocks agree',
  decide: ({ clockAhead }) => {
    if (clockAhead === undefined) return unknown('the terminator tells its own time: --token-file')
    const seconds = Math.abs(clockAhead)
    return found(
      seconds <= tolerated
        ? []
        : [
            {
              cause: 'clock_differs',
              severity: 'warning',
              what: `the clock of the server is ${seconds} seconds ${clockAhead > 0 ? 'ahead of' : 'behind'} that of this machine`,
            },
          ],
      seconds <= 1 ? 'to the second' : `${seconds} seconds apart`,
    )
  },
}

/** Seconds: what Holdfast allows for assertions. */
const tolerated = 30
