import { at, textAt } from "./json.ts";

/** What happens to a file that goes through its job without a state machine, as the functions log it. */
export type DirectStep = { readonly executionName: string } & (
  | { readonly kind: "entered"; readonly input: unknown }
  | { readonly kind: "started"; readonly jobRunId: string }
  | { readonly kind: "troubled"; readonly step: string; readonly error: string; readonly cause: string }
  | { readonly kind: "done"; readonly result: unknown }
);

/** Reads a line of a log; nothing for the lines of other functions. */
export function directStepIn(entry: unknown): DirectStep | undefined {
  const executionName = textAt(entry, "executionName");
  if (textAt(entry, "dispatch") !== "direct" || executionName === undefined) return undefined;
  const jobRunId = textAt(entry, "jobRunId");
  const step = textAt(entry, "step");
  switch (textAt(entry, "message")) {
    case "entered":
      return { kind: "entered", executionName, input: at(entry, "input") };
    case "started":
    case "found":
      return jobRunId === undefined ? undefined : { kind: "started", executionName, jobRunId };
    case "done":
      return { kind: "done", executionName, result: at(entry, "result") };
    default:
      return step === undefined
        ? undefined
        : {
            kind: "troubled",
            executionName,
            step,
            error: textAt(entry, "error") ?? "",
            cause: textAt(entry, "cause") ?? "",
          };
  }
}

/** Whether a message is one by which the functions remind themselves of a file. */
export function isReminder(body: unknown): boolean {
  if (textAt(body, "Remind") !== undefined) return true;
  return textAt(body, "executionName") !== undefined && typeof at(body, "turn") === "number";
}
