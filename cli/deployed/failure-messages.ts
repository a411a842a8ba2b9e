import { createHash } from "node:crypto";
import type { LandedFile } from "../../functions/lib/execution-input.ts";
import { resultOf } from "../../functions/lib/queued/outcome-messages.ts";
import { at, isObject, parsed, textAt } from "../run/json.ts";
import { dispatchFailureIn } from "./failure-queue.ts";

/** What a message of the failure queue is about, and what a replay does with it. */
export type FailureMessage =
  /** An execution that failed; started again with its input, under a name that only this failure leads to. */
  | {
      readonly kind: "execution";
      readonly executionName: string;
      readonly key?: string;
      readonly replayName: string;
      readonly input: string;
    }
  /** A file of a batch that succeeded without it. */
  | { readonly kind: "file"; readonly name: string; readonly generation: number; readonly file: LandedFile }
  /** What a function has failed on for good. */
  | { readonly kind: "event"; readonly functionName: string; readonly keys: readonly string[]; readonly event: unknown }
  /** A message of the arrivals queue that was received too often. */
  | { readonly kind: "arrival"; readonly keys: readonly string[]; readonly body: string }
  /** A message of the outcomes queue that was received too often: a reminder of an execution, or how it has ended. */
  | {
      readonly kind: "reminder" | "result";
      readonly executionName: string;
      readonly keys: readonly string[];
      readonly body: string;
    }
  | { readonly kind: "unknown"; readonly why: string };

/** Reads a message's body. */
export function failureMessageIn(body: string): FailureMessage {
  const content = parsed(body);
  const failure = dispatchFailureIn(body);
  if (failure !== undefined) {
    const { functionName, event, objects } = failure;
    return { kind: "event", functionName, event, keys: objects.map(({ key }) => key) };
  }
  if (!isObject(content)) return { kind: "unknown", why: "it is no JSON object" };
  if (Array.isArray(content.Records) || Array.isArray(content.Replay)) {
    return { kind: "arrival", keys: keysOfArrival(content), body };
  }
  if (content.outcome !== "failed") return ofOutcomes(content, body);
  const { name, generation } = content;
  const file = fileIn(content.file);
  if (typeof name === "string" && typeof generation === "number" && file !== undefined) {
    return { kind: "file", name, generation, file };
  }
  const executionName = textAt(content, "executionName");
  const input = content.replay ?? content.input;
  if (executionName === undefined || !isObject(input)) {
    return { kind: "unknown", why: "it has no input to begin again with: DescribeExecution has it" };
  }
  const key = textAt(content, "file", "key") ?? textAt(input, "arguments", "key");
  const text = JSON.stringify(input);
  const replayName = replayNameOf(executionName, text);
  return { kind: "execution", executionName, ...(key !== undefined && { key }), replayName, input: text };
}

/** Failures come to the failure queue by themselves, too; what tells of none was meant for the outcomes queue. */
function ofOutcomes(content: Readonly<Record<string, unknown>>, body: string): FailureMessage {
  if (typeof content.Remind === "string") return { kind: "reminder", executionName: content.Remind, keys: [], body };
  const { executionName } = resultOf(content) ?? {};
  if (executionName === undefined) return { kind: "unknown", why: "it tells of no failure" };
  const key = textAt(content, "file", "key");
  return { kind: "result", executionName, keys: key === undefined ? [] : [key], body };
}

const LONGEST_SLUG = 9;

/**
 * The name of the one execution that a failed one is replayed by: the same however often the message is read, or sent.
 * An execution that fails at another stage once it has been redriven has another input, and so another replay.
 */
export function replayNameOf(executionName: string, input: string): string {
  const hash = createHash("sha256").update(`${executionName}\0${input}`).digest("hex");
  const slug = executionName
    .replace(/^again-/, "")
    .replace(/-[0-9a-f]{64}$/, "")
    .replaceAll(/[^\w-]+/g, "-")
    .slice(0, LONGEST_SLUG)
    .replace(/-+$/, "");
  return `again-${slug === "" ? "file" : slug}-${hash}`;
}

function keysOfArrival({ Records, Replay }: Readonly<Record<string, unknown>>): readonly string[] {
  const records = Array.isArray(Records)
    ? Records.map((record) => textAt(record, "s3", "object", "key")).map((key) => key && decoded(key))
    : [];
  const replays = Array.isArray(Replay) ? Replay.map((request) => textAt(request, "file", "key")) : [];
  return [...records, ...replays].filter((key) => key !== undefined);
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key;
  }
}

function fileIn(value: unknown): LandedFile | undefined {
  const text = (name: string): string | undefined => {
    const found = at(value, name);
    return typeof found === "string" ? found : undefined;
  };
  const [bucket, key, versionId] = [text("bucket"), text("key"), text("versionId")];
  const size = at(value, "size");
  if (bucket === undefined || key === undefined || versionId === undefined || typeof size !== "number")
    return undefined;
  return { bucket, key, versionId, size, sequencer: text("sequencer") ?? "" };
}
