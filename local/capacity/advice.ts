import type { Design } from "./design.ts";

/** One sentence of what may be done, the best first. */
export const advise = (...ways: readonly (string | undefined)[]): string => {
  const [first = "", ...others] = ways.filter((way) => way !== undefined);
  return [first.charAt(0).toUpperCase() + first.slice(1), ...others].join("; or ");
};

/** A setting is to be higher; `atLeast`: what would keep up, where that is known. */
export const raise = (setting: string, atLeast: number | undefined): string =>
  `raise ${setting}${atLeast === undefined ? "" : ` to ${atLeast} or more`}`;

/** How fewer executions and runs would do. */
export const fewerRuns = ({ mode, isStaged, isExpress }: Design): string | undefined => {
  if (isStaged || isExpress) return undefined;
  return mode === "batch"
    ? "put more files into an execution: a higher batchMaxFiles or batchWindowSeconds"
    : "have fewer runs do the same work: dispatch: batch";
};

/** How a run's end is seen sooner. */
export const soonerEnd = ({ completion, isExpress }: Design): string | undefined => {
  if (completion === "event") return undefined;
  return isExpress ? "look more often: a lower pollCeilingSeconds" : "hear of a run's end at once: completion: event";
};

/** How the state machine asks less. */
export const fewerLooks = ({ completion, isExpress }: Design): string | undefined => {
  if (completion !== "poll") return undefined;
  return isExpress ? "look less often: a higher pollFloorSeconds" : "look at no run that goes on: completion: event";
};

/** How files wait for what they cannot have at once, instead of failing in the end. */
export const waitInQueue = ({ isQueued, isExpress }: Design): string | undefined =>
  isQueued || isExpress ? undefined : "let files wait in a queue: set ledger";

/** `atLeast`: what would keep up, where that is known. */
export const askForMore = (atLeast?: number): string =>
  `ask AWS for a higher quota${atLeast === undefined ? "" : `, of ${atLeast} or more`}`;
