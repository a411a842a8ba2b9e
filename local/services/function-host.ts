import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dependencies, InvocationContext } from "../../functions/lib/aws.ts";
import type { Clock } from "../clock.ts";
import { importModule } from "./assets.ts";
import { createClients } from "./clients.ts";
import type { Api, Principal } from "./service.ts";

/** Where handler modules' paths start: the folder that the bundles' first lines are relative to. */
export const projectRoot = fileURLToPath(new URL("../../", import.meta.url));

/** A handler module and what it is given. */
export interface HandlerSource {
  /** Absolute path. */
  readonly module: string;
  readonly role: Principal;
  readonly environment: Readonly<Record<string, string>>;
  readonly api: Api;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** A call that sleeps longer than this is cut short. @default none does */
  readonly timeoutSeconds?: number;
  readonly log: (entry: Readonly<Record<string, unknown>>, requestId: string) => void;
}

/** A handler with its clients: it serves one call at a time, as an execution environment of Lambda does. */
export interface Environment {
  invoke(event: unknown, requestId: string): Promise<unknown>;
}

type Handler = (event: unknown, context: InvocationContext) => unknown;

/** The handler module that a bundle was made from. */
export const handlerModule = (code: string, root: string): string => {
  const named = /^\/\/ handler: (\S+)$/m.exec(code.slice(0, 1000))?.[1];
  if (named === undefined) throw new Error('its code does not begin with a line "// handler: functions/NAME.ts"');
  const path = resolve(root, named);
  if (!existsSync(path)) throw new Error(`its handler module ${named} is not in ${root}`);
  return path;
};

/** Starts an execution environment: imports the module if it is the first, and makes its handler. */
export const startEnvironment = async (source: HandlerSource): Promise<Environment> => {
  const { createHandler } = await importModule(source.module);
  if (typeof createHandler !== "function") throw new Error(`${source.module} must export createHandler`);
  const { clock, timeoutSeconds = Infinity } = source;
  let current = "";
  let deadline = Infinity;
  const dependencies: Dependencies = {
    ...createClients(source.api, source.role),
    env: source.environment,
    now: () => clock.now(),
    sleep: async (ms) => {
      const left = deadline - clock.now();
      await clock.sleep(Math.min(ms, left));
      if (ms >= left) throw timedOut(current, timeoutSeconds);
    },
    log: (entry) => {
      source.log(entry, current);
    },
  };
  const handler = (createHandler as (deps: Dependencies) => Handler)(dependencies);
  return {
    invoke: async (event, requestId) => {
      current = requestId;
      deadline = clock.now() + timeoutSeconds * 1000;
      const getRemainingTimeInMillis = (): number => Math.max(0, deadline - clock.now());
      return await handler(event, { awsRequestId: requestId, getRemainingTimeInMillis });
    },
  };
};

/** What a call of a function ends with when its time is over. */
export const timedOut = (requestId: string, seconds: number): Error =>
  Object.assign(new Error(`RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`), {
    name: "Sandbox.Timedout",
  });
