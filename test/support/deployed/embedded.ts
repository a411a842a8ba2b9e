import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import type { Clients } from "../../../cli/deployed/clients.ts";
import { pipelineOutputs, type Deployment } from "../../../cli/deployed/deployment.ts";
import { landingsOf } from "../../../cli/run/landing.ts";
import type { Cloud } from "../../../local/cloud.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { readStackSettings } from "../../../local/stack-config.ts";
import { projectDirectory } from "../stacks.ts";

/** A call of an SDK client, by the names of the embedded cloud. */
export interface SeenCall {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
}

/** Sees a call before it is made, or in place of it where it gives an answer. */
export type Interceptor = (call: SeenCall) => unknown;

interface Command {
  readonly input: unknown;
  readonly constructor: { readonly name: string };
}

/**
 * The SDK's clients as commands for deployed stacks use them, which speak to an embedded cloud: the real commands,
 * answered in their own shapes.
 */
export function embeddedClients(graph: ResourceGraph, cloud: Cloud, intercept: Interceptor = () => undefined): Clients {
  const client = (service: string): unknown => ({
    send: async ({ input, constructor: { name } }: Command): Promise<unknown> => {
      const operation = `${name.charAt(0).toLowerCase()}${name.slice(1).replace(/Command$/, "")}`;
      const call = { service, operation, input: withoutUndefined(input) };
      const answer = intercept(call);
      if (answer !== undefined) return answer;
      if (operation === "getBucketNotificationConfiguration") return notificationsOf(graph);
      return sdkAnswer(await cloud.asUser.call(service, operation, call.input));
    },
    destroy: () => undefined,
  });
  return {
    s3: client("s3"),
    stepFunctions: client("states"),
    sqs: client("sqs"),
    lambda: client("lambda"),
    dynamoDb: client("dynamodb"),
  } as Clients;
}

/** What the Pulumi CLI would tell of a stack that is deployed as this graph. */
export function deploymentOf(
  graph: ResourceGraph,
  stack: string,
  config: Readonly<Record<string, string>> = {},
): Deployment {
  const settings = readStackSettings(projectDirectory, stack, config);
  return {
    project: settings.project,
    stack,
    mode: settings.config["glue-pipeline:mode"] ?? "",
    outputs: pipelineOutputs(stack, graph.outputs),
    config: settings.config,
    aws: { region: "us-east-1", endpoints: {}, usesPathStyle: false },
  };
}

/** Ends a process at a call: that call and all later ones are not made, or are made and not answered. */
export class Crash extends Error {
  override readonly name = "Crash";
}

const notificationsOf = (graph: ResourceGraph): NotificationConfiguration => ({
  QueueConfigurations: landingsOf(graph).map(({ prefix, suffix }) => ({
    QueueArn: "arn",
    Events: ["s3:ObjectCreated:*"],
    Filter: {
      Key: {
        FilterRules: [
          { Name: "prefix", Value: prefix },
          { Name: "suffix", Value: suffix },
        ],
      },
    },
  })),
});

const withoutUndefined = (input: unknown): unknown =>
  Object.fromEntries(Object.entries(input as object).filter(([, value]) => value !== undefined));

/** What is text here is a stream of bytes there. */
function sdkAnswer(answer: unknown): unknown {
  const payload = (answer as { readonly Payload?: unknown }).Payload;
  if (typeof payload !== "string") return answer;
  return { ...(answer as object), Payload: { transformToString: () => payload } };
}
