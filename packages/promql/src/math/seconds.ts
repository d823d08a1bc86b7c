// Milliseconds as Go's Duration.Seconds has them: whole ones and the rest apart, and then their sum.

/** 11851 ms are 11 + 0.851 s, which is not the float that is nearest to 11.851. */
export function goSeconds(milliseconds: number): number {
  const rest = milliseconds % 1000
  return (milliseconds - rest) / 1000 + (rest * 1e6) / 1e9
}
