/** The AWS SDK tries a call three times, and waits for a random part of this before the second and the third. */
export const sdkTries = 3;

const throttledDelay = 500;
const longestDelay = 20_000;

/** Milliseconds before a throttled call is tried again that has been tried so often. */
export const sdkDelay = (tries: number, random: () => number): number =>
  random() * Math.min(longestDelay, throttledDelay * 2 ** (tries - 1));
