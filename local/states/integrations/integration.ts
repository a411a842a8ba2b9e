import { bytesOf } from "../../services/bytes.ts";
import type { Integration } from "./caller.ts";
import { argumentsOf, readAnswer } from "./caller.ts";
import { capitalised, toJson, uncapitalised } from "./json.ts";
import { OPTIMIZED } from "./optimized.ts";
import { CALLBACK } from "../task-tokens.ts";
import { StatesError } from "../machine.ts";
import { MAX_PAYLOAD_BYTES } from "../payload.ts";
import type { ServiceNames } from "./services.ts";
import { OPTIMIZED_SERVICES, SDK_SERVICES, callService } from "./services.ts";

/** Whether the embedded cloud has an operation of a service, both in its own names. */
export type Knows = (service: string, operation: string) => boolean;

const FUNCTION = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d+:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?$/;
const SDK = /^arn:aws[a-z-]*:states:::aws-sdk:([a-zA-Z0-9]+):([a-zA-Z0-9]+)$/;
const ECS = /^arn:aws[a-z-]*:states:::(aws-sdk:)?(ecs|eks|batch):/;
const OPTIMIZED_ARN = /^arn:aws[a-z-]*:states:::([a-z]+:[a-zA-Z.:0-9]+)$/;

/** How a Task's Resource is called; text: what is wrong with it. */
export function findIntegration(resource: string, knows: Knows = () => true): Integration | string {
  if (FUNCTION.test(resource)) return invokeFunction;
  if (resource.endsWith(CALLBACK)) return findCallback(resource, knows);
  if (ECS.test(resource)) {
    return `is not simulated: there are no containers here; run it on AWS, or let a function do it, got "${resource}"`;
  }
  const [, service, operation] = SDK.exec(resource) ?? [];
  if (service !== undefined && operation !== undefined) return sdkIntegration(resource, service, operation, knows);
  const [, name] = OPTIMIZED_ARN.exec(resource) ?? [];
  const optimized = name === undefined ? undefined : OPTIMIZED[name];
  if (optimized !== undefined) return optimized;
  const known = Object.keys(OPTIMIZED).join(", ");
  return (
    `must be a function's ARN, arn:aws:states:::aws-sdk:SERVICE:OPERATION, or arn:aws:states::: ` +
    `and one of ${known}, got "${resource}"`
  );
}

/** By what follows `arn:aws:states:::`; every API operation can be called so as well. */
const CALLBACKS = ["lambda:invoke", "sqs:sendMessage", "sns:publish", "events:putEvents", "states:startExecution"];

/** The call is the same: that its answer does not end the task is the interpreter's matter. */
function findCallback(resource: string, knows: Knows): Integration | string {
  const call = resource.slice(0, -CALLBACK.length);
  const [, name = ""] = OPTIMIZED_ARN.exec(call) ?? [];
  if (SDK.test(call) || CALLBACKS.includes(name)) return findIntegration(call, knows);
  return `must not wait for a token unless it is one of ${CALLBACKS.join(", ")} or an operation of aws-sdk, got "${resource}"`;
}

function sdkIntegration(resource: string, service: string, operation: string, knows: Knows): Integration | string {
  const names = SDK_SERVICES[service];
  if (names === undefined) {
    return `must name a service of the embedded cloud (${Object.keys(SDK_SERVICES).join(", ")}), got "${resource}"`;
  }
  if (!knows(names.service, operation)) {
    return `must name an operation that the embedded cloud has, got "${resource}"`;
  }
  if (names.service === "s3") return s3Integration(names, operation);
  const isOwn = names.service === "states";
  return async ({ api, role }, request) => {
    const input = isOwn ? uncapitalised(request.arguments) : request.arguments;
    const answer = toJson(await callService(api, role, names, operation, argumentsOf(input)));
    return isOwn ? capitalised(answer) : answer;
  };
}

/** Contents of objects are text or JSON between states. */
function s3Integration(names: ServiceNames, operation: string): Integration {
  return async ({ api, role }, request) => {
    const input = argumentsOf(request.arguments);
    const { Body } = input;
    const isJson = Body !== undefined && typeof Body !== "string";
    const answer = await callService(
      api,
      role,
      names,
      operation,
      isJson ? { ...input, Body: JSON.stringify(Body) } : input,
    );
    if (operation !== "getObject") return toJson(answer);
    const { Body: content, ...head } = answer as {
      readonly Body: AsyncIterable<Uint8Array>;
      readonly ContentLength: number;
    };
    // What is too large for a state is not read to find that out.
    if (head.ContentLength > MAX_PAYLOAD_BYTES) {
      throw new StatesError(
        "States.DataLimitExceeded",
        `The object has ${head.ContentLength} bytes; ${MAX_PAYLOAD_BYTES} may pass between states`,
      );
    }
    return { ...(toJson(head) as object), Body: (await bytesOf(content)).toString("utf8") };
  };
}

/** A Task that names a function: its arguments are the event, its result is the function's answer. */
const invokeFunction: Integration = async ({ api, role }, request) => {
  const input = { FunctionName: request.resource, Payload: JSON.stringify(request.arguments) };
  return readAnswer(await callService(api, role, OPTIMIZED_SERVICES.lambda, "invoke", input));
};
