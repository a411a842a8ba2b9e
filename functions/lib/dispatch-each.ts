import { readNotification, type CreatedObject } from "./events.ts";
import type { Dependencies } from "./aws.ts";

/** What became of the records of a notification. */
export interface DispatchSummary {
  readonly started: number;
  /** Those that had been taken on before: the event came twice. */
  readonly already: number;
  readonly ignored: number;
}

/** Some records of a notification could not be dispatched. Thrown, it has Lambda deliver the whole event again. */
export class DispatchError extends Error {
  override readonly name = "DispatchError";
}

/** Dispatches each object that a notification reports. All records are tried before a failure is thrown. */
export async function dispatchEach(
  event: unknown,
  dispatch: (object: CreatedObject) => Promise<"started" | "already">,
  log: Dependencies["log"],
): Promise<DispatchSummary> {
  const summary = { started: 0, already: 0, ignored: 0 };
  const failures: string[] = [];
  const records = readNotification(event);
  for (const record of records) {
    if (record.kind === "ignored") {
      summary.ignored += 1;
      log({ level: "INFO", message: "ignored", reason: record.reason });
    } else if (record.kind === "malformed") {
      failures.push(record.problem);
    } else {
      try {
        summary[await dispatch(record.object)] += 1;
      } catch (error) {
        failures.push(`${record.object.bucket}/${record.object.key}: ${described(error)}`);
      }
    }
  }
  log({ level: failures.length > 0 ? "ERROR" : "INFO", message: "dispatched", ...summary, failures });
  if (failures.length > 0) {
    throw new DispatchError(`${failures.length} of ${records.length} records failed: ${failures.join("; ")}`);
  }
  return summary;
}

function described(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
