import type { Ids } from "../services/ids.ts";
import { ServiceError } from "../services/service.ts";
import type { Execution } from "./executions.ts";
import type { LoadedMachine } from "./loaded-machine.ts";
import { MAX_PAYLOAD_BYTES } from "./payload.ts";

/** The error of a name that is in use. */
export const alreadyExists = (arn: string): ServiceError =>
  new ServiceError("ExecutionAlreadyExists", `Execution already exists: ${arn}`);

/** Characters that a name must not have: control characters, too, and all beyond the basic plane. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\u{FFFE}\u{FFFF}\u{10000}-\u{10FFFF}]/u;

export function checkName(name: string): void {
  if (name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return;
  throw new ServiceError(
    "InvalidName",
    `name must have 1 to 80 characters, none of them blank, beyond U+FFFD or one of <>{}[]?*"#%\\^|~\`$&,;:/, got ${JSON.stringify(name)}`,
  );
}

export function parseInput(text: string): unknown {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new ServiceError("InvalidExecutionInput", `input must have at most ${MAX_PAYLOAD_BYTES} bytes, got ${bytes}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ServiceError("InvalidExecutionInput", `input must be JSON: ${String(error)}`);
  }
}

/** The context object that `$states.context` gives, less State. */
export function contextOf(execution: Execution, input: unknown): Readonly<Record<string, unknown>> {
  const { machine } = execution;
  return {
    Execution: {
      Id: execution.arn,
      Input: input,
      Name: execution.name,
      RoleArn: machine.roleArn,
      StartTime: new Date(execution.startedAt).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
}

/** Express executions may share a name: their ARNs end in an id of their own. */
export function executionArn({ arn, type }: LoadedMachine, name: string, ids: Ids): string {
  const isExpress = type === "EXPRESS";
  const execution = `${arn.replace(":stateMachine:", isExpress ? ":express:" : ":execution:")}:${name}`;
  return isExpress ? `${execution}:${ids.uuid()}` : execution;
}
