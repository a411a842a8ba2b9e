/** For so long Step Functions looks at a run that it waits for each minute, then every five. In milliseconds. */
export const oftenFor = 600_000;

/** Milliseconds until Step Functions looks again at a run that it started so long ago. */
export function untilNextLook(sinceStart: number): number {
  return sinceStart < oftenFor ? 60_000 : 300_000;
}
