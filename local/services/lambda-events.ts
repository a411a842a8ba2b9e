import type { Resource } from "../resource-graph.ts";
import { deliveryAction } from "./delivery.ts";
import { type LambdaFunction, type Outcome, parsePayload } from "./lambda-function.ts";
import { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

/** How a function's events are tried, and where they end. */
export interface EventConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly onFailure?: string;
  readonly onSuccess?: string;
}

export const defaultEventConfig: EventConfig = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 6 * 60 * 60 };

interface PendingEvent {
  readonly payload: string;
  readonly requestId: string;
  readonly since: number;
  /** Calls that reached the function. */
  readonly invocations: number;
  /** Calls that Lambda turned away for want of concurrency, one after another. */
  readonly throttles: number;
}

type Condition = "Success" | "RetriesExhausted" | "EventAgeExceeded";

/** Lambda waits a minute before the first retry, and two before the second. */
const retryDelays = [60_000, 120_000];
const longestThrottleDelay = 5 * 60_000;
const largestEvent = 1024 * 1024;

/** Calls functions for events: nobody waits, failures are tried again, what failed for good goes to a destination. */
export class LambdaEvents {
  readonly #world: World;
  readonly #configs: ReadonlyMap<string, EventConfig>;

  constructor(world: World, functions: ReadonlyMap<string, LambdaFunction>) {
    this.#world = world;
    this.#configs = readConfigs(world, functions);
  }

  /** Takes an event in; answers before the function has seen it. */
  accept(target: LambdaFunction, payload: string): void {
    if (Buffer.byteLength(payload) > largestEvent) {
      throw new ServiceError(
        "RequestTooLargeException",
        `Request must be smaller than ${largestEvent} bytes for Event`,
      );
    }
    parsePayload(payload);
    const since = this.#world.clock.now();
    const event = { payload, requestId: this.#world.ids.uuid(), since, invocations: 0, throttles: 0 };
    this.#world.later(0, () => this.#attempt(target, event));
  }

  async #attempt(target: LambdaFunction, event: PendingEvent): Promise<void> {
    const outcome = await this.#invoke(target, event);
    if (outcome === undefined) {
      const delay = Math.min(1000 * 2 ** event.throttles, longestThrottleDelay);
      await this.#retry(target, { ...event, throttles: event.throttles + 1 }, delay, undefined);
      return;
    }
    const tried = { ...event, invocations: event.invocations + 1, throttles: 0 };
    const { maximumRetryAttempts, onSuccess } = this.#config(target);
    if (!outcome.failed) {
      if (onSuccess !== undefined) await this.#send(onSuccess, target, tried, "Success", outcome);
    } else if (event.invocations >= maximumRetryAttempts) {
      await this.#fail(target, tried, "RetriesExhausted", outcome);
    } else {
      const delay = retryDelays[Math.min(event.invocations, retryDelays.length - 1)] ?? 0;
      await this.#retry(target, tried, delay, outcome);
    }
  }

  /** Undefined if the function has no room for the call. */
  async #invoke(target: LambdaFunction, { payload, requestId }: PendingEvent): Promise<Outcome | undefined> {
    try {
      return await target.invoke(payload, requestId);
    } catch (error) {
      if (error instanceof ServiceError && error.name === "TooManyRequestsException") return undefined;
      if (error instanceof ServiceError && error.name === "KMSAccessDeniedException") return refused(error);
      throw error;
    }
  }

  async #retry(
    target: LambdaFunction,
    event: PendingEvent,
    delay: number,
    outcome: Outcome | undefined,
  ): Promise<void> {
    const age = this.#world.clock.now() + delay - event.since;
    if (age > this.#config(target).maximumEventAgeSeconds * 1000) {
      await this.#fail(target, event, "EventAgeExceeded", outcome);
      return;
    }
    this.#world.later(delay, () => this.#attempt(target, event));
  }

  async #fail(target: LambdaFunction, event: PendingEvent, condition: Condition, outcome?: Outcome): Promise<void> {
    const { onFailure } = this.#config(target);
    if (onFailure !== undefined) await this.#send(onFailure, target, event, condition, outcome);
    else this.#lost(target, event, condition, "the event was dropped: the function has no destination for failures");
  }

  /** As the function's role. What cannot be sent is lost, as on AWS, but not in silence. */
  async #send(
    destination: string,
    target: LambdaFunction,
    event: PendingEvent,
    condition: Condition,
    outcome: Outcome | undefined,
  ): Promise<void> {
    const { api, clock } = this.#world;
    const record = JSON.stringify(invocationRecord(target, event, condition, outcome, clock.now()));
    const { service, operation, input } = destinationCall(destination, record);
    try {
      await api.call(target.role, service, operation, input);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#lost(target, event, error.name, `the record for ${destination} was not delivered: ${error.message}`);
    }
  }

  #lost({ name: functionName }: LambdaFunction, { requestId }: PendingEvent, error: string, message: string): void {
    this.#world.observe({ kind: "function-failed", functionName, requestId, error, message });
  }

  #config({ arn }: LambdaFunction): EventConfig {
    return this.#configs.get(arn) ?? defaultEventConfig;
  }
}

/** The function was not reached; as with its own errors, a further try may find it better. */
const refused = ({ name, message }: ServiceError): Outcome => ({
  payload: JSON.stringify({ errorType: name, errorMessage: message }),
  failed: true,
});

/** The document that a destination receives. */
const invocationRecord = (
  target: LambdaFunction,
  { requestId, payload, invocations }: PendingEvent,
  condition: Condition,
  outcome: Outcome | undefined,
  now: number,
): object => ({
  version: "1.0",
  timestamp: new Date(now).toISOString(),
  requestContext: {
    requestId,
    functionArn: `${target.arn}:$LATEST`,
    condition,
    approximateInvokeCount: invocations,
  },
  requestPayload: parsePayload(payload),
  ...(outcome !== undefined && {
    responseContext: {
      statusCode: 200,
      executedVersion: "$LATEST",
      ...(outcome.failed && { functionError: "Unhandled" }),
    },
    responsePayload: JSON.parse(outcome.payload) as unknown,
  }),
});

const destinationCall = (arn: string, record: string): { service: string; operation: string; input: object } => {
  switch (deliveryAction(arn)) {
    case "sqs:SendMessage":
      return { service: "sqs", operation: "sendMessage", input: { QueueUrl: arn, MessageBody: record } };
    case "sns:Publish":
      return { service: "sns", operation: "publish", input: { TopicArn: arn, Message: record } };
    default:
      return {
        service: "lambda",
        operation: "invoke",
        input: { FunctionName: arn, Payload: record, InvocationType: "Event" },
      };
  }
};

const readConfigs = (world: World, functions: ReadonlyMap<string, LambdaFunction>): ReadonlyMap<string, EventConfig> =>
  new Map(
    world.graph.resources
      .filter(({ type }) => type === "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
      .map((resource) => {
        const properties = Properties.of(resource);
        const target = functions.get(properties.string("functionName"));
        if (target === undefined) throw properties.error("functionName", "a function of this program");
        return [target.arn, readConfig(resource, properties, target, world)];
      }),
  );

const readConfig = (resource: Resource, properties: Properties, target: LambdaFunction, world: World): EventConfig => {
  const destinations = properties.child("destinationConfig");
  const onFailure = destinations?.child("onFailure")?.string("destination");
  const onSuccess = destinations?.child("onSuccess")?.string("destination");
  for (const arn of [onFailure, onSuccess]) {
    if (arn === undefined) continue;
    // Lambda, too, checks this when the destination is set.
    const action = deliveryAction(arn);
    const decision = world.authoriser.decide(target.role, { action, resource: arn });
    if (decision.allowed) continue;
    throw new ServiceError(
      "AccessDeniedException",
      `${resource.type} ${resource.name}: User: ${world.authoriser.userArn(target.role)} is not authorized to perform: ` +
        `${action} on resource: ${arn} ${decision.reason}`,
    );
  }
  return {
    maximumRetryAttempts: properties.optionalNumber("maximumRetryAttempts") ?? defaultEventConfig.maximumRetryAttempts,
    maximumEventAgeSeconds:
      properties.optionalNumber("maximumEventAgeInSeconds") ?? defaultEventConfig.maximumEventAgeSeconds,
    ...(onFailure !== undefined && { onFailure }),
    ...(onSuccess !== undefined && { onSuccess }),
  };
};
