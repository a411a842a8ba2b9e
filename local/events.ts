import type { JobRun } from "@aws-sdk/client-glue";
import type { HistoryEvent } from "./states/history.ts";

/** What happens in the embedded cloud, as it happens; the command line shows it and tests assert on it. */
export type CloudEvent =
  | {
      readonly kind: "object-created";
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
      readonly size: number;
    }
  /** An object that no notification filter matches. */
  | { readonly kind: "object-ignored"; readonly bucket: string; readonly key: string; readonly reason: string }
  | {
      readonly kind: "function-invoked";
      readonly functionName: string;
      readonly requestId: string;
      readonly payload: unknown;
    }
  | {
      readonly kind: "function-failed";
      readonly functionName: string;
      readonly requestId: string;
      readonly error: string;
      readonly message: string;
    }
  | {
      readonly kind: "function-log";
      readonly functionName: string;
      readonly requestId: string;
      readonly entry: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "execution-started";
      readonly executionArn: string;
      readonly name: string;
      readonly input: unknown;
      /** The execution whose distributed map this one is a child of. */
      readonly parentArn?: string;
    }
  | { readonly kind: "history"; readonly executionArn: string; readonly event: HistoryEvent }
  | {
      readonly kind: "execution-ended";
      readonly executionArn: string;
      readonly name: string;
      readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
      readonly output?: unknown;
      readonly error?: string;
      readonly cause?: string;
    }
  /** A job run as GetJobRun told it, with how far it is (0 to 1) where that is known. */
  | { readonly kind: "job-run"; readonly run: JobRun; readonly progress?: number }
  | { readonly kind: "message-sent"; readonly queue: string; readonly body: string }
  | { readonly kind: "notification"; readonly topic: string; readonly subject?: string; readonly message: string };

/** Receives every event with the clock's time in milliseconds. */
export type Observer = (event: CloudEvent, at: number) => void;
