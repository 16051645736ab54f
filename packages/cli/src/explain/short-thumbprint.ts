/** A thumbprint as people compare it: its first eight characters. */
export function shortThumbprint(thumbprint: string): string {
  return thumbprint.length <= shortLength ? thumbprint : `${thumbprint.slice(0, shortLength)}…`
}

/** 48 bits: enough to tell certificates apart by eye, not enough to be taken for the whole. */
const shortLength = 8
