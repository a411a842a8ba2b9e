/** The time of the machine that a function runs on: the one place where handlers get it from. */
export function systemClock(): number {
  return new Date().getTime();
}
