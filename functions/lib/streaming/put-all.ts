import type { Dependencies } from "../aws.ts";

/** A record to be put into a stream. */
export interface Entry {
  readonly key: string;
  readonly text: string;
}

/** What PutRecords takes at once is 500 records and 10 MiB; half of that leaves room for others. */
const mostRecords = 500;
const mostBytes = 5 * 1024 * 1024;
const mostTries = 12;
const firstPauseMs = 200;
const longestPauseMs = 5000;

/**
 * Puts all records into a stream. Those that a busy shard turns away are sent again, after a pause that grows; what was
 * sent before stays in the stream, so a caller that fails and comes again sends it twice.
 */
export async function putAll(
  { kinesis, sleep }: Pick<Dependencies, "kinesis" | "sleep">,
  StreamARN: string,
  entries: readonly Entry[],
): Promise<{ readonly turnedAway: number }> {
  let turnedAway = 0;
  for (const chunk of chunksOf(entries)) {
    let left = chunk;
    for (let tries = 1; left.length > 0; tries += 1) {
      const Records = left.map(({ key, text }) => ({ PartitionKey: key, Data: Buffer.from(text) }));
      const answer = await kinesis.putRecords({ StreamARN, Records });
      const refused = (answer.Records ?? []).map(({ ErrorCode }) => ErrorCode !== undefined);
      left = left.filter((_, index) => refused[index]);
      turnedAway += left.length;
      if (left.length === 0) break;
      if (tries === mostTries) {
        const reason = (answer.Records ?? []).find(({ ErrorCode }) => ErrorCode !== undefined);
        throw Object.assign(new Error(reason?.ErrorMessage ?? `${left.length} records were turned away`), {
          name: reason?.ErrorCode ?? "PutRecordsFailed",
        });
      }
      await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)));
    }
  }
  return { turnedAway };
}

function chunksOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const chunks: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.text) + Buffer.byteLength(entry.key);
    const last = chunks.at(-1);
    if (last === undefined || last.length === mostRecords || bytes + size > mostBytes) {
      chunks.push([entry]);
      bytes = size;
    } else {
      last.push(entry);
      bytes += size;
    }
  }
  return chunks;
}
