import type {
  SendTaskFailureCommandInput,
  SendTaskHeartbeatCommandInput,
  SendTaskSuccessCommandInput,
} from "@aws-sdk/client-sfn";
import { ServiceError } from "../services/service.ts";

/** A task that waits until somebody tells of its end by its token. */
export interface TokenTask {
  readonly succeed: (output: unknown) => void;
  readonly fail: (error: string, cause: string) => void;
  readonly heartbeat: () => void;
}

/** Where tasks that wait get their tokens. */
export interface TaskTokens {
  readonly open: (task: TokenTask) => string;
  /** Nobody waits any more for what is told by this token. */
  readonly close: (token: string) => void;
}

/** The ending of the Resource of a task that waits for its token. */
export const CALLBACK = ".waitForTaskToken";

const mostOutputBytes = 262_144;

/** The tasks of all machines that wait. A token names its machine, so that one which is closed is known for what it was. */
export class WaitingTasks {
  readonly #tasks = new Map<string, TokenTask>();
  readonly #newId: () => string;
  readonly #isMachine: (arn: string) => boolean;

  constructor(newId: () => string, isMachine: (arn: string) => boolean) {
    this.#newId = newId;
    this.#isMachine = isMachine;
  }

  tokensOf(machineArn: string): TaskTokens {
    return {
      open: (task) => {
        const token = Buffer.from(JSON.stringify([machineArn, this.#newId()])).toString("base64");
        this.#tasks.set(token, task);
        return token;
      },
      close: (token) => {
        this.#tasks.delete(token);
      },
    };
  }

  sendSuccess({ taskToken = "", output = "" }: SendTaskSuccessCommandInput): object {
    const result = outputOfTask(output);
    this.#take(taskToken).succeed(result);
    return {};
  }

  sendFailure({ taskToken = "", error, cause }: SendTaskFailureCommandInput): object {
    this.#take(taskToken).fail(error ?? "States.TaskFailed", cause ?? "");
    return {};
  }

  sendHeartbeat({ taskToken = "" }: SendTaskHeartbeatCommandInput): object {
    this.#find(taskToken).heartbeat();
    return {};
  }

  #find(token: string): TokenTask {
    const machine = machineOfToken(token);
    if (machine === undefined) throw new ServiceError("InvalidToken", "Invalid Token: 'Invalid token'");
    if (!this.#isMachine(machine)) {
      throw new ServiceError("TaskDoesNotExist", `Task does not exist: it was one of ${machine}`);
    }
    const task = this.#tasks.get(token);
    // It has ended, timed out, or was told of before.
    if (task === undefined) {
      throw new ServiceError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    }
    return task;
  }

  /** For the last time. */
  #take(token: string): TokenTask {
    const task = this.#find(token);
    this.#tasks.delete(token);
    return task;
  }
}

/** Undefined: it is no token. */
export function machineOfToken(token: string): string | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, "base64").toString("utf8"));
    if (!Array.isArray(parts)) return undefined;
    const [machine, id] = parts as readonly unknown[];
    return typeof machine === "string" && typeof id === "string" ? machine : undefined;
  } catch {
    return undefined;
  }
}

/** What SendTaskSuccess gives as the task's result. */
function outputOfTask(text: string): unknown {
  if (Buffer.byteLength(text) > mostOutputBytes) {
    throw new ServiceError("ValidationException", `output must have at most ${mostOutputBytes} bytes`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ServiceError("InvalidOutput", `Invalid Output: output must be JSON: ${String(error)}`);
  }
}
