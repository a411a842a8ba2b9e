import { isRecord } from "../json.ts";
import type { JobRunSummary } from "../direct/entry.ts";
import type { Ending } from "./file-ledger.ts";
import type { Reminder } from "./launch.ts";

/** How an execution has ended, as it tells it itself. */
export interface ExecutionResult {
  readonly executionName: string;
  readonly ending: Ending;
  /** Told on with each file of a batch that has failed. */
  readonly jobName?: string;
  readonly jobRun?: JobRunSummary;
}

export type OutcomeMessage =
  | { readonly kind: "reminder"; readonly reminder: Reminder }
  | { readonly kind: "result"; readonly result: ExecutionResult };

/** Reads a body of the outcomes queue. Throws where it is neither a result nor a reminder. */
export function readOutcomeMessage(body: string): OutcomeMessage {
  const content = JSON.parse(body) as unknown;
  if (isRecord(content) && typeof content.Remind === "string") {
    const { Remind, Turn } = content;
    return { kind: "reminder", reminder: { Remind, Turn: typeof Turn === "number" ? Turn : 0 } };
  }
  const result = resultOf(content);
  if (result !== undefined) return { kind: "result", result };
  throw new Error(
    `The message must be a result, with outcome and executionName, or {"Remind", "Turn"}, got ${body.slice(0, 200)}`,
  );
}

/** A result that an execution has told or ended with. */
export function resultOf(content: unknown): ExecutionResult | undefined {
  if (!isRecord(content) || typeof content.executionName !== "string") return undefined;
  const { executionName, outcome: state, attempts, jobRun, output, jobName } = content;
  if (state !== "succeeded" && state !== "failed" && state !== "rejected" && state !== "superseded") return undefined;
  const jobRunId = textIn(isRecord(jobRun) ? jobRun.Id : undefined) ?? textIn(content.jobRunId);
  const place = isRecord(output) ? { bucket: textIn(output.bucket), prefix: textIn(output.prefix) } : undefined;
  return {
    executionName,
    ...(typeof jobName === "string" && { jobName }),
    ...(isRecord(jobRun) && { jobRun: jobRun as unknown as JobRunSummary }),
    ending: {
      state,
      ...(typeof attempts === "number" && { attempts }),
      ...(jobRunId !== undefined && { jobRunId }),
      ...(place?.bucket !== undefined &&
        place.prefix !== undefined && { output: { bucket: place.bucket, prefix: place.prefix } }),
      ...textsIn(content, ["reason", "error", "cause"]),
    },
  };
}

/** What an item can hold; the failure queue has it whole. */
const longestText = 8000;

function textsIn<Field extends string>(
  content: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
): Partial<Record<Field, string>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const text = textIn(content[field]);
      return text === undefined ? [] : [[field, text.slice(0, longestText)]];
    }),
  ) as Partial<Record<Field, string>>;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
