import { VirtualClock } from "../clock.ts";
import type { Resource } from "../resource-graph.ts";
import { archivedText } from "./assets.ts";
import { type Environment, handlerModule, startEnvironment, timedOut } from "./function-host.ts";
import { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

/** What came of a call: the function's answer, or its error, as JSON. */
export interface Outcome {
  readonly payload: string;
  readonly failed: boolean;
}

/** Hears every line that a function writes to its log. */
export type LogListener = (line: {
  readonly environment: Readonly<Record<string, string>>;
  readonly entry: Readonly<Record<string, unknown>>;
}) => void;

export interface HostOptions {
  /** Folder that the handler modules' paths start at. */
  readonly root: string;
  readonly onLog?: LogListener;
  readonly scripts?: FunctionScripts;
}

/** Runs jobs' scripts in the functions that would stand in for them. */
export interface FunctionScripts {
  /** The variables that a function with these gets. */
  variables(declared: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** Undefined: the function is no stand-in. */
  environment(functionName: string, module: string, role: string): Environment | undefined;
}

const megabyte = 1024 * 1024;
const largestPayload = 6 * megabyte;

/** One declared function, with the execution environments that serve its calls. */
export class LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly role: string;
  readonly timeoutSeconds: number;
  readonly #world: World;
  readonly #module: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #onLog: LogListener | undefined;
  readonly #scripts: FunctionScripts | undefined;
  readonly #concurrency: number;
  readonly #idle: Environment[] = [];
  #running = 0;

  private constructor(properties: Properties, world: World, module: string, { onLog, scripts }: HostOptions) {
    this.name = properties.string("name");
    this.arn = properties.string("arn");
    this.role = properties.string("role");
    this.#world = world;
    this.#module = module;
    this.#onLog = onLog;
    this.#scripts = scripts;
    const declared = readEnvironment(properties);
    this.#environment = scripts?.variables(declared) ?? declared;
    this.timeoutSeconds = properties.optionalNumber("timeout") ?? 3;
    const reserved = properties.optionalNumber("reservedConcurrentExecutions") ?? -1;
    this.#concurrency = reserved < 0 ? Number.POSITIVE_INFINITY : reserved;
  }

  /** Reads a function and finds its handler module; its role must let Lambda take it on. */
  static async read(resource: Resource, world: World, options: HostOptions): Promise<LambdaFunction> {
    const properties = Properties.of(resource);
    const handler = properties.string("handler");
    const file = handler.slice(0, handler.lastIndexOf("."));
    try {
      const code = await archivedText(properties.any("code"), `${file}.js`, world.graph.directory);
      const lambda = new LambdaFunction(properties, world, handlerModule(code, options.root), options);
      world.authoriser.requireTrust(lambda.role, { service: "lambda.amazonaws.com", source: lambda.arn });
      return lambda;
    } catch (error) {
      throw new Error(`${resource.type} ${resource.name}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Calls the function. Throws what Lambda's API throws; what the function throws is an outcome. */
  async invoke(payload: string, requestId: string): Promise<Outcome> {
    if (payload.length > largestPayload || Buffer.byteLength(payload) > largestPayload) {
      throw new ServiceError(
        "RequestTooLargeException",
        `Request must be smaller than ${largestPayload} bytes for Invoke`,
      );
    }
    this.#requireEnvironment();
    if (this.#running >= this.#concurrency) throw new ServiceError("TooManyRequestsException", "Rate Exceeded.");
    const event = parsePayload(payload);
    this.#world.observe({ kind: "function-invoked", functionName: this.name, requestId, payload: event });
    this.#running++;
    try {
      return { payload: await this.#answer(event, requestId), failed: false };
    } catch (error) {
      return this.#failure(error, requestId);
    } finally {
      this.#running--;
    }
  }

  /** Lambda decrypts the variables as the function's role. */
  #requireEnvironment(): void {
    const { authoriser, keys } = this.#world;
    for (const permission of keys.neededForEnvironment(this.arn)) {
      const decision = authoriser.decide(this.role, permission);
      if (decision.allowed) continue;
      throw new ServiceError(
        "KMSAccessDeniedException",
        "Lambda was unable to decrypt the environment variables because KMS access was denied: " +
          `User: ${authoriser.userArn(this.role)} is not authorized to perform: ${permission.action} on resource: ` +
          `${permission.resource} ${decision.reason}`,
      );
    }
  }

  async #answer(event: unknown, requestId: string): Promise<string> {
    const environment = this.#idle.pop() ?? (await this.#start());
    // An environment whose call never ends is never used again.
    const running = environment.invoke(event, requestId).finally(() => this.#idle.push(environment));
    const answer = await this.#withinTimeout(running, requestId);
    // JSON has no undefined: Lambda answers null.
    const payload = (JSON.stringify(answer) as string | undefined) ?? "null";
    if (payload.length > largestPayload || Buffer.byteLength(payload) > largestPayload) {
      throw named(
        "Function.ResponseSizeTooLarge",
        `Response payload size exceeded maximum allowed payload size (${largestPayload} bytes).`,
      );
    }
    return payload;
  }

  #start(): Promise<Environment> {
    const script = this.#scripts?.environment(this.name, this.#module, this.role);
    if (script !== undefined) return Promise.resolve(script);
    const { api, clock, observe } = this.#world;
    return startEnvironment({
      module: this.#module,
      role: this.role,
      environment: this.#environment,
      api,
      clock,
      timeoutSeconds: this.timeoutSeconds,
      log: (entry, requestId) => {
        observe({ kind: "function-log", functionName: this.name, requestId, entry });
        this.#onLog?.({ environment: this.#environment, entry });
      },
    });
  }

  /** On a virtual clock no time passes while a function runs but where it sleeps, and there it is cut short. */
  async #withinTimeout<T>(answer: Promise<T>, requestId: string): Promise<T> {
    const { clock } = this.#world;
    if (clock instanceof VirtualClock) return answer;
    const { promise: late, reject } = rejectable();
    const seconds = this.timeoutSeconds;
    const cancel = clock.schedule(seconds * 1000, () => {
      reject(timedOut(requestId, seconds));
      return Promise.resolve();
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  #failure(error: unknown, requestId: string): Outcome {
    const errorType = error instanceof Error ? error.name : "Error";
    const errorMessage = messageOf(error);
    this.#world.observe({
      kind: "function-failed",
      functionName: this.name,
      requestId,
      error: errorType,
      message: errorMessage,
    });
    // The frames are left out: they would name folders of this machine.
    const trace = [`${errorType}: ${errorMessage}`];
    return { payload: JSON.stringify({ errorType, errorMessage, trace }), failed: true };
  }
}

const readEnvironment = (properties: Properties): Readonly<Record<string, string>> => {
  const variables = properties.child("environment")?.optionalAny("variables") ?? {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]: [string, unknown]) => {
      if (typeof value === "string") return [name, value];
      throw new Error(`environment.variables.${name} must be a text, got ${JSON.stringify(value)}`);
    }),
  );
};

/** What a call's payload says. Throws what Lambda throws where it is no JSON. */
export const parsePayload = (payload: string): unknown => {
  if (payload === "") return {};
  try {
    return JSON.parse(payload) as unknown;
  } catch (error) {
    throw new ServiceError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${messageOf(error)}`,
    );
  }
};

const rejectable = (): { promise: Promise<never>; reject: (error: Error) => void } => {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
};

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
