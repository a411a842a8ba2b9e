import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { manifestKey } from "../../functions/lib/queued/manifest.ts";
import { parsed, textAt } from "./json.ts";
import { describeError, type Verdict } from "./outcome.ts";
import type { StartRecord } from "./records.ts";

/** An execution that takes many files, which its manifest names: it is followed as one that a person starts. */
export function batchIn(executionArn: string, name: string, given: unknown): StartRecord | undefined {
  const input = parsed(given);
  if (textAt(input, "arguments", "key") !== manifestKey(name)) return undefined;
  const stateMachineArn = executionArn.replace(":execution:", ":stateMachine:").split(":").slice(0, 7).join(":");
  return { start: { stateMachineArn, name, input }, functionFailures: [] };
}

/** What came of a file that had no execution of its own. */
export function verdictOnEntry({ state, reason, error, cause }: FileEntry): Verdict {
  switch (state) {
    case "succeeded":
      return { outcome: "succeeded" };
    case "rejected":
      return { outcome: "rejected", ...(reason !== undefined && { reason }) };
    case "superseded":
      return { outcome: "ignored", reason: reason ?? "a newer version of its key had been taken on before it came" };
    case "failed":
      return { outcome: "failed", reason: describeError(error ?? "it has failed", cause) };
    case "waiting":
    case "started":
      return { outcome: "running", reason: "its execution has not ended" };
  }
}
