import { StatesError } from "./machine.ts";
import type { TaskTokens } from "./task-tokens.ts";

/** What a host without tokens gives a task: its call's answer is the task's end. */
const noToken = "token";

/** One try of a task that waits for its token. */
export class TaskCallback {
  readonly token: string;
  readonly #tokens: TaskTokens | undefined;
  readonly #end: Promise<unknown>;
  #heartbeat: () => void = ignore;

  constructor(tokens: TaskTokens | undefined) {
    this.#tokens = tokens;
    let succeed: (output: unknown) => void = ignore;
    let reject: (error: StatesError) => void = ignore;
    this.#end = new Promise<unknown>((resolve, rejectPromise) => {
      succeed = resolve;
      reject = rejectPromise;
    });
    // Nobody need have waited for it by then.
    this.#end.catch(ignore);
    this.token =
      tokens?.open({
        succeed,
        fail: (error, cause) => {
          reject(new StatesError(error, cause));
        },
        heartbeat: () => {
          this.#heartbeat();
        },
      }) ?? noToken;
  }

  /** Whether somebody can tell of its end. */
  get isTold(): boolean {
    return this.#tokens !== undefined;
  }

  end(onHeartbeat: () => void): Promise<unknown> {
    this.#heartbeat = onHeartbeat;
    return this.#end;
  }

  close(): void {
    this.#tokens?.close(this.token);
  }
}

const ignore = (): void => undefined;
