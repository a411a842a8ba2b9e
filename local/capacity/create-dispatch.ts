import type { QueuedSettings } from "../../functions/lib/queued/settings.ts";
import type { ResourceGraph } from "../resource-graph.ts";
import { Properties } from "../services/properties.ts";
import type { Dispatch } from "./dispatch.ts";
import { createPlainDispatch, type DispatchParts } from "./plain-dispatch.ts";
import { CapacityError, type CapacityFunction, type CapacityProgram } from "./program.ts";
import type { QueueReading } from "./queue-pollers.ts";
import { QueuedDispatch } from "./queued-dispatch.ts";

/** How the program makes executions of files. */
export type DeclaredDispatch =
  | {
      readonly kind: "plain";
      readonly dispatcher: CapacityFunction;
      readonly maximumRetryAttempts: number;
      readonly maximumEventAgeSeconds: number;
    }
  | {
      readonly kind: "queued";
      readonly dispatcher: CapacityFunction;
      readonly recorder: CapacityFunction | undefined;
      readonly settings: QueuedSettings;
      readonly reading: QueueReading;
    };

/** Reads how a program dispatches. Throws CapacityError where no function of it does. */
export const readDispatch = (graph: ResourceGraph, { functions }: CapacityProgram): DeclaredDispatch => {
  const all = [...new Set(functions.values())];
  const dispatcher =
    all.find(({ name }) => name === graph.outputs.dispatcherName) ??
    all.find(({ module }) => module === "dispatcher" || module === "queued-dispatcher");
  if (dispatcher === undefined) {
    throw new CapacityError(
      `stack ${graph.stack} has no dispatcher: export its name as dispatcherName; functions are ` +
        all.map(({ name }) => name).join(", "),
    );
  }
  const { SETTINGS } = dispatcher.environment;
  if (SETTINGS === undefined) return { kind: "plain", dispatcher, ...retriesOf(graph, dispatcher) };
  return {
    kind: "queued",
    dispatcher,
    recorder: all.find(({ module }) => module === "outcome-recorder"),
    settings: JSON.parse(SETTINGS) as QueuedSettings,
    reading: readingOf(graph, dispatcher),
  };
};

export const createDispatch = (declared: DeclaredDispatch, parts: DispatchParts): Dispatch =>
  declared.kind === "plain" ? createPlainDispatch(parts, declared) : new QueuedDispatch(parts, declared);

const sixHours = 21_600;

/** Lambda's own defaults fill what the program leaves open. */
const retriesOf = (graph: ResourceGraph, { name }: CapacityFunction) => {
  const config = graph.resources.find(
    ({ type, properties }) =>
      type === "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig" && properties.functionName === name,
  );
  const properties = config && Properties.of(config);
  return {
    maximumRetryAttempts: properties?.optionalNumber("maximumRetryAttempts") ?? 2,
    maximumEventAgeSeconds: properties?.optionalNumber("maximumEventAgeInSeconds") ?? sixHours,
  };
};

const readingOf = (graph: ResourceGraph, { name }: CapacityFunction): QueueReading => {
  const mapping = graph.resources.find(
    ({ type, properties }) =>
      type === "aws:lambda/eventSourceMapping:EventSourceMapping" &&
      (properties.functionName === name || String(properties.functionName).endsWith(`:${name}`)),
  );
  if (mapping === undefined) {
    throw new CapacityError(`stack ${graph.stack} hands no queue's messages to the function ${name}`);
  }
  const properties = Properties.of(mapping);
  const queueArn = properties.string("eventSourceArn");
  const queue = graph.resources.find(({ properties: { arn } }) => arn === queueArn);
  return {
    batchSize: properties.optionalNumber("batchSize") ?? 10,
    windowSeconds: properties.optionalNumber("maximumBatchingWindowInSeconds") ?? 0,
    mostPollers: properties.child("scalingConfig")?.optionalNumber("maximumConcurrency"),
    visibilitySeconds: (queue && Properties.of(queue).optionalNumber("visibilityTimeoutSeconds")) ?? 30,
  };
};
