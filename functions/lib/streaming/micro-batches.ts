import type { Dependencies } from "../aws.ts";
import type { StreamWork } from "../streaming-runs.ts";
import { Checkpoint } from "./checkpoint.ts";
import { readStream, type StreamText } from "./read-stream.ts";

export interface Batch<State> {
  readonly number: number;
  readonly records: readonly StreamText[];
  /** What the batch before has left. */
  readonly state: State;
}

export interface Query<State> {
  /** The run's arguments: `--stream_arn` and `--checkpoint_location`. */
  readonly args: Readonly<Record<string, string>>;
  readonly initial: State;
  /**
   * Writes what comes of a batch, and gives the state for the next one. A batch that failed comes again with the same
   * records and the same state, so its writes must be such that a repetition replaces them.
   */
  readonly process: (batch: Batch<State>) => Promise<State>;
  /** Records of a shard in one batch. @default 5000 */
  readonly maxRecordsPerShard?: number;
}

/** Batches that one call works on; a function does not live for ever. */
const mostBatches = 20;

/** Does what a streaming query does at its triggers: reads behind its checkpoint until nothing new is there. */
export async function runMicroBatches<State>(
  { s3, kinesis, log }: Pick<Dependencies, "s3" | "kinesis" | "log">,
  { args, initial, process, maxRecordsPerShard: limit = 5000 }: Query<State>,
): Promise<StreamWork> {
  const streamArn = required(args, "--stream_arn");
  const checkpoint = new Checkpoint<State>(s3, required(args, "--checkpoint_location"));
  let read = 0;
  for (let count = 0; count < mostBatches; count += 1) {
    const last = (await checkpoint.latest()) ?? { batch: -1, offsets: {}, state: initial };
    const number = last.batch + 1;
    const begun = await checkpoint.planned(number);
    const range = { streamArn, from: last.offsets, limit, ...(begun !== undefined && { to: begun }) };
    const { records, offsets, isBehind } = await readStream(kinesis, range);
    if (begun === undefined) {
      if (records.length === 0) return { records: read, isBehind: false };
      // Somebody else works on it.
      if (!(await checkpoint.plan(number, offsets))) return { records: read, isBehind: true };
    }
    const state = await process({ number, records, state: last.state });
    const isMine = await checkpoint.commit({ batch: number, offsets, state });
    log({ level: "INFO", message: "batch", batch: number, records: records.length, ...(!isMine && { twice: true }) });
    read += records.length;
    if (!isBehind) return { records: read, isBehind: false };
  }
  return { records: read, isBehind: true };
}

function required(args: Readonly<Record<string, string>>, name: string): string {
  const value = args[name];
  if (value === undefined || value === "") throw new Error(`argument ${name} is missing`);
  return value;
}
