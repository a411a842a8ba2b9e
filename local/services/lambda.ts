import type { ResourceKinds } from "./kinds.ts";
import { LambdaEvents } from "./lambda-events.ts";
import { type HostOptions, LambdaFunction } from "./lambda-function.ts";
import { type Operation, type Service, ServiceError } from "./service.ts";
import type { World } from "./world.ts";

export const lambdaKinds: ResourceKinds = {
  "aws:lambda/function:Function": {
    honoured: [
      "name",
      "handler",
      "code",
      "role",
      "environment",
      "kmsKeyArn",
      "timeout",
      "reservedConcurrentExecutions",
      // Whether there is room for the work is not simulated, but the cost is told by it.
      "memorySize",
    ],
    ignored: {
      architectures: "functions run on this machine's processor",
      runtime: "functions run in this process",
      loggingConfig: "log entries are shown as they come",
      publish: "there are no versions of functions here",
      tracingConfig: "there are no traces here",
      deadLetterConfig: "use FunctionEventInvokeConfig: its destinations are simulated",
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    honoured: ["functionName", "maximumRetryAttempts", "maximumEventAgeInSeconds", "destinationConfig"],
  },
  "aws:lambda/permission:Permission": {
    honoured: ["function", "action", "principal", "sourceArn", "sourceAccount"],
    ignored: { statementId: "a statement's id is for people" },
  },
};

export interface InvokeInput {
  /** Name or ARN. */
  readonly FunctionName: string;
  readonly Payload?: string | Uint8Array;
  readonly InvocationType?: "RequestResponse" | "Event" | "DryRun";
}

export interface InvokeOutput {
  readonly StatusCode: number;
  readonly Payload: string;
  readonly FunctionError?: "Unhandled";
  readonly ExecutedVersion?: "$LATEST";
}

/** The declared functions. They run in this process, each as its role. */
export class LambdaService implements Service {
  readonly operations: Readonly<Record<string, Operation>> = {
    invoke: {
      permissions: (input: InvokeInput) => [
        { action: "lambda:InvokeFunction", resource: this.#arn(input.FunctionName) },
      ],
      run: (input: InvokeInput) => this.invoke(input),
    },
  };
  readonly #world: World;
  /** By name and by ARN. */
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #events: LambdaEvents;

  private constructor(world: World, functions: ReadonlyMap<string, LambdaFunction>) {
    this.#world = world;
    this.#functions = functions;
    this.#events = new LambdaEvents(world, functions);
  }

  static async create(world: World, options: HostOptions): Promise<LambdaService> {
    const resources = world.graph.resources.filter(({ type }) => type === "aws:lambda/function:Function");
    const functions = await Promise.all(resources.map((resource) => LambdaFunction.read(resource, world, options)));
    return new LambdaService(
      world,
      new Map(functions.flatMap((found) => [found.name, found.arn].map((key) => [key, found]))),
    );
  }

  async invoke({ FunctionName, Payload = "", InvocationType = "RequestResponse" }: InvokeInput): Promise<InvokeOutput> {
    const target = this.#find(FunctionName);
    const payload = typeof Payload === "string" ? Payload : Buffer.from(Payload).toString();
    switch (InvocationType) {
      case "DryRun":
        return { StatusCode: 204, Payload: "" };
      case "Event":
        this.#events.accept(target, payload);
        return { StatusCode: 202, Payload: "" };
      case "RequestResponse": {
        const outcome = await target.invoke(payload, this.#world.ids.uuid());
        return {
          StatusCode: 200,
          ExecutedVersion: "$LATEST",
          Payload: outcome.payload,
          ...(outcome.failed && { FunctionError: "Unhandled" as const }),
        };
      }
    }
  }

  /** What whoever calls a function must know of it. */
  settingsOf(nameOrArn: string): Pick<LambdaFunction, "role" | "timeoutSeconds"> {
    return this.#find(nameOrArn);
  }

  /** Takes in an event that another service sends. */
  accept(arn: string, payload: string): void {
    this.#events.accept(this.#find(arn), payload);
  }

  #find(nameOrArn: string): LambdaFunction {
    const found = this.#functions.get(nameOrArn.replace(/:\$LATEST$/, ""));
    if (found !== undefined) return found;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${this.#arn(nameOrArn)}`);
  }

  #arn(nameOrArn: string): string {
    if (nameOrArn.startsWith("arn:")) return nameOrArn.replace(/:\$LATEST$/, "");
    const { region, accountId } = this.#world.graph;
    return `arn:aws:lambda:${region}:${accountId}:function:${nameOrArn}`;
  }
}
