/** So many parts of a millisecond are told apart. */
const perMs = 1024;

/**
 * A time in whole ticks. Sums and differences of such times are exact, so that phases add up to latencies, and what
 * happens at the same moment by two ways is seen to.
 */
export const tick = (ms: number): number => Math.round(ms * perMs) / perMs;
