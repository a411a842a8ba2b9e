import { pollingDefaults, type Polling } from "../polling.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What the stack config says of looking at runs. What it leaves out is not filled in: it may follow from the stages. */
export const readPolling = (read: ConfigReader): Polling => {
  const isGiven = (key: string): boolean => read.json(key) !== undefined;
  return {
    ...(isGiven("pollFloorSeconds") && {
      floorSeconds: read.integer("pollFloorSeconds", pollingDefaults.floorSeconds, { min: 0, max: 3600 }),
    }),
    ...(isGiven("pollCeilingSeconds") && {
      ceilingSeconds: read.integer("pollCeilingSeconds", pollingDefaults.ceilingSeconds, { min: 1, max: 3600 }),
    }),
    ...(isGiven("pollShare") && {
      share: read.number("pollShare", pollingDefaults.share, { min: 0, max: 1 }),
    }),
  };
};
