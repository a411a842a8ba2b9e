import type { PricedJob } from "../../components/cost-table.ts";

const stream = (workerType: string): PricedJob => ({
  name: `stream-${workerType}`,
  glueVersion: "5.1",
  workerType,
  numberOfWorkers: 2,
  isStreaming: true,
  autoScaling: false,
  expectedRunMinutes: 0,
});

/** A stream that one worker has time for: a quarter of a DPU does what is paid four times otherwise. */
export const streamingJobs: readonly PricedJob[] = [stream("G.025X"), stream("G.1X")];
