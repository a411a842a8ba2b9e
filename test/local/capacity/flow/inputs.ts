import { STAND_IN } from "../../../../local/capacity/flow/stand-ins.ts";

/** What an execution is started with for a file of so many bytes. */
export const inputOf = (size: number): unknown => ({
  jobName: "job",
  arguments: { bucket: "landing", key: `incoming/${STAND_IN}.csv`, versionId: STAND_IN, size, sequencer: STAND_IN },
});
