import { readFileSync } from "node:fs";
import type { DescribeExecutionOutput, HistoryEvent } from "@aws-sdk/client-sfn";

/** An execution as DescribeExecution and GetExecutionHistory gave it. */
export interface Recorded {
  readonly description: DescribeExecutionOutput;
  readonly events: readonly HistoryEvent[];
}

/** An execution of the pipeline that was recorded on an emulator, states' inputs and outputs left out. */
export function recorded(name: "succeeded" | "rejected" | "failed"): Recorded {
  const text = readFileSync(new URL(`histories/${name}.json`, import.meta.url), "utf8");
  const isDate = (key: string): boolean => ["timestamp", "startDate", "stopDate"].includes(key);
  return JSON.parse(text, (key, value: unknown) =>
    isDate(key) && typeof value === "string" ? new Date(value) : value,
  ) as Recorded;
}
