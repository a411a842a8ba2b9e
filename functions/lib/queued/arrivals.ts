import { readNotification } from "../events.ts";
import { executionInput, type LandedFile } from "../execution-input.ts";
import { executionName } from "../execution-name.ts";
import { isRecord } from "../json.ts";
import type { Taken } from "./names.ts";

/** What a message of the arrivals queue asks for. */
export interface Arrival {
  readonly files: readonly (Taken & { readonly file: LandedFile })[];
  /** What of it cannot be read. */
  readonly problems: readonly string[];
}

/** Reads a message's body: a notification of S3, or a replay request. What can be read of it is not held up by the rest. */
export function readArrival(body: string): Arrival {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    return { files: [], problems: [`The message must be JSON, got ${body.slice(0, 200)}`] };
  }
  if (isRecord(content) && "Replay" in content) return readReplay(content.Replay);
  const records = readNotification(content);
  return {
    files: records.flatMap((record) => {
      if (record.kind !== "created") return [];
      const { arguments: file } = executionInput(undefined, record.object);
      return [{ name: executionName(record.object), generation: 0, file }];
    }),
    problems: records.flatMap((record) => (record.kind === "malformed" ? [record.problem] : [])),
  };
}

function readReplay(replay: unknown): Arrival {
  if (!Array.isArray(replay)) return { files: [], problems: [`Replay must be a list, got ${shown(replay)}`] };
  const read = replay.map((item: unknown) => fileOf(item) ?? `${example}, got ${shown(item)}`);
  return {
    files: read.filter((one) => typeof one !== "string"),
    problems: read.filter((one) => typeof one === "string"),
  };
}

const example =
  'What is replayed must be {"name", "file": {"bucket", "key", "versionId", "size", "sequencer"}, "generation"}, ' +
  "the name being the file's and the generation a number from 0";

function fileOf(item: unknown): Arrival["files"][number] | undefined {
  if (!isRecord(item) || !isRecord(item.file)) return undefined;
  const { name, generation, file: given } = item;
  const { bucket, key, versionId, size, sequencer } = given;
  if (typeof bucket !== "string" || typeof key !== "string" || typeof versionId !== "string") return undefined;
  if (typeof sequencer !== "string" || !isCount(size) || !isCount(generation)) return undefined;
  const file = { bucket, key, versionId, size, sequencer };
  return name === nameOf(file) ? { name, generation, file } : undefined;
}

/** A landed file's identity. */
function nameOf({ bucket, key, versionId, sequencer }: LandedFile): string {
  return executionName({ bucket, key, sequencer, ...(versionId !== "null" && { versionId }) });
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 200);
}
