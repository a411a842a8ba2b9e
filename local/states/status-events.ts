import type { ServiceEvent } from "../services/events.ts";
import type { Execution } from "./executions.ts";
import { endOf, statusOf } from "./executions.ts";

/** Input and output that would make an event larger than it may be are left out of it. */
const mostBytes = 248 * 1024;

/** What Step Functions tells EventBridge of an execution that has begun or ended; express ones are told by nobody. */
export function statusEventOf(execution: Execution): ServiceEvent | undefined {
  const { arn: executionArn, name, machine, startedAt, stoppedAt, result } = execution;
  if (machine.type === "EXPRESS") return undefined;
  const end = result === undefined ? undefined : endOf(result);
  const output = result?.status === "SUCCEEDED" ? JSON.stringify(end?.output) : null;
  return {
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: machine.arn,
      name,
      status: statusOf(execution),
      startDate: startedAt,
      stopDate: stoppedAt ?? null,
      ...payload("input", execution.input, (output?.length ?? 0) + execution.input.length),
      ...payload("output", output, output?.length ?? 0),
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: null,
      redriveStatusReason: null,
      error: end?.error ?? null,
      cause: end?.cause ?? null,
    },
  };
}

function payload(name: "input" | "output", text: string | null, bytes: number): Readonly<Record<string, unknown>> {
  if (text === null) return { [name]: null, [`${name}Details`]: null };
  const included = bytes <= mostBytes;
  return { [name]: included ? text : null, [`${name}Details`]: { included } };
}
