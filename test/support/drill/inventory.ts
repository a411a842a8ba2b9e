import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListEventSourceMappingsCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import { ListSubscriptionsCommand, ListTopicsCommand } from "@aws-sdk/client-sns";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import type { TestEmulator } from "../deployed/deployed.ts";
import { query, request, textsIn } from "./requests.ts";

/** What an emulator holds of all that the program can declare, by kind; kinds of which there is nothing are left out. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

type Lister = (emulator: TestEmulator) => Promise<readonly string[]>;

const listers: Readonly<Record<string, Lister>> = {
  buckets: async ({ clients }) => {
    const { Buckets = [] } = await clients.s3.send(new ListBucketsCommand());
    return Buckets.flatMap(({ Name }) => Name ?? []);
  },
  functions: async ({ clients }) => {
    const { Functions = [] } = await clients.lambda.send(new ListFunctionsCommand());
    return Functions.flatMap(({ FunctionName }) => FunctionName ?? []);
  },
  "event source mappings": async ({ clients }) => {
    const { EventSourceMappings = [] } = await clients.lambda.send(new ListEventSourceMappingsCommand());
    return EventSourceMappings.flatMap(({ UUID }) => UUID ?? []);
  },
  "state machines": async ({ clients }) => {
    const { stateMachines = [] } = await clients.stepFunctions.send(new ListStateMachinesCommand());
    return stateMachines.flatMap(({ name }) => name ?? []);
  },
  queues: async ({ clients }) => (await clients.sqs.send(new ListQueuesCommand())).QueueUrls ?? [],
  tables: async ({ clients }) => (await clients.dynamodb.send(new ListTablesCommand())).TableNames ?? [],
  topics: async ({ clients }) => {
    const { Topics = [] } = await clients.sns.send(new ListTopicsCommand());
    return Topics.flatMap(({ TopicArn }) => TopicArn ?? []);
  },
  subscriptions: async ({ clients }) => {
    const { Subscriptions = [] } = await clients.sns.send(new ListSubscriptionsCommand());
    return Subscriptions.flatMap(({ SubscriptionArn }) => SubscriptionArn ?? []);
  },
  roles: async (emulator) => textsIn(await query(emulator, "iam", { Action: "ListRoles" }), "RoleName"),
  policies: async (emulator) =>
    textsIn(await query(emulator, "iam", { Action: "ListPolicies", Scope: "Local" }), "PolicyName"),
  "log groups": async (emulator) => {
    const answer = await request(emulator, "logs", "Logs_20140328.DescribeLogGroups", {});
    return (answer as { logGroups: { logGroupName: string }[] }).logGroups.map(({ logGroupName }) => logGroupName);
  },
};

export async function inventoryOf(emulator: TestEmulator): Promise<Inventory> {
  const kinds = Object.entries(listers).map(async ([kind, list]) => [kind, await list(emulator)] as const);
  return Object.fromEntries((await Promise.all(kinds)).filter(([, names]) => names.length > 0));
}
